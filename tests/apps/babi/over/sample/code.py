import os


def greet(name):
    # says hello
    return f"hello {name}"   


print(greet("Ada"), os.sep)
