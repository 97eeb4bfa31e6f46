// Command mostrador is a WhatsApp service desk for small teams, in one binary.
package main

func main() {}
