package main // the program

import "fmt"

func main() { fmt.Println("hi") }
