// Command server answers requests.
/*
 * More words.
 */
package main

func main() {}
