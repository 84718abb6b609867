print("something else")
