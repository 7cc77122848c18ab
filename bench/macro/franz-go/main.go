// The reference that is not JavaScript: franz-go, which does what its first argument says.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"
)

type command struct {
	Do    string `json:"do"`
	Count int    `json:"count"`
	Skip  int    `json:"skip"`
	Ms    int    `json:"ms"`
}

func main() {
	switch os.Args[1] {
	case "produce":
		produce(os.Args[2])
	case "consume":
		consume(os.Args[2])
	default:
		fail(fmt.Errorf("neither produce nor consume: %q", os.Args[1]))
	}
}

// Microseconds, of all threads.
func cpuTime() int64 {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return usage.Utime.Nano()/1000 + usage.Stime.Nano()/1000
}

func answer(value any) {
	line, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(append(line, '\n'))
}

func fail(err error) {
	answer(map[string]any{"error": err.Error()})
	os.Exit(1)
}
