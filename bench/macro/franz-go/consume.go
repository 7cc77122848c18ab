package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	restLook     = 100 * time.Millisecond
	atRest       = 8000 // microseconds of a look
	mostLooks    = 20
	dawdleAfter  = 100
	dawdle       = 10 * time.Millisecond
	sentAtDigits = 20
)

type consumeSetup struct {
	BootstrapServers string `json:"bootstrapServers"`
	Topic            string `json:"topic"`
	GroupID          string `json:"groupId"`
	From             string `json:"from"`
}

// The clock that process.hrtime of Node.js reads, which all processes of the machine share.
func monotonicUs() int64 {
	var now syscall.Timespec
	const clockMonotonic = 1
	_, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&now)), 0)
	if errno != 0 {
		panic(errno)
	}
	return now.Nano() / 1000
}

var touched int

// By the commands of ../consume-worker.ts. PollFetches gives all that is there, which is its fastest way.
func consume(with string) {
	var given consumeSetup
	if err := json.Unmarshal([]byte(with), &given); err != nil {
		fail(err)
	}
	from := kgo.NewOffset().AtStart()
	if given.From == "latest" {
		from = kgo.NewOffset().AtEnd()
	}
	client, err := kgo.NewClient(
		kgo.ClientID("bench"),
		kgo.SeedBrokers(strings.Split(given.BootstrapServers, ",")...),
		kgo.ConsumerGroup(given.GroupID),
		kgo.ConsumeTopics(given.Topic),
		kgo.ConsumeResetOffset(from),
	)
	if err != nil {
		fail(err)
	}
	ctx := context.Background()
	// Reads count records at least; onValue may be nil.
	read := func(count int, onValue func([]byte)) int {
		seen := 0
		for seen < count {
			fetches := client.PollFetches(ctx)
			if errs := fetches.Errors(); len(errs) > 0 {
				fail(errs[0].Err)
			}
			fetches.EachPartition(func(p kgo.FetchTopicPartition) {
				for _, r := range p.Records {
					touched += len(r.Key) + int(r.Key[0]) + len(r.Value) + int(r.Value[0])
					if onValue != nil {
						onValue(r.Value)
					}
				}
				seen += len(p.Records)
			})
		}
		return seen
	}
	read(1, nil)
	answer(map[string]any{"ready": true})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var wanted command
		if err := json.Unmarshal(lines.Bytes(), &wanted); err != nil {
			fail(err)
		}
		switch wanted.Do {
		case "read":
			cpu, wall := cpuTime(), time.Now()
			count := read(wanted.Count, nil)
			wallUs := time.Since(wall).Microseconds()
			for looks := 0; looks < mostLooks; looks++ {
				look := cpuTime()
				time.Sleep(restLook)
				if cpuTime()-look < atRest {
					break
				}
			}
			answer(map[string]any{"count": count, "cpuUs": cpuTime() - cpu, "wallUs": wallUs})
		case "listen":
			read(wanted.Skip, nil)
			latencies := make([]int64, 0, wanted.Count)
			cpu := cpuTime()
			count := read(wanted.Count, func(value []byte) {
				sentAt, err := strconv.ParseInt(string(value[:sentAtDigits]), 10, 64)
				if err != nil {
					fail(err)
				}
				latencies = append(latencies, monotonicUs()-sentAt)
			})
			answer(map[string]any{"count": count, "latenciesUs": latencies, "cpuUs": cpuTime() - cpu})
		case "dawdle":
			answer(dawdling(client, time.Duration(wanted.Ms)*time.Millisecond))
		default:
			fail(fmt.Errorf("unknown command %q", wanted.Do))
		}
	}
}

func dawdling(client *kgo.Client, lasting time.Duration) map[string]any {
	var most atomic.Uint64
	var over atomic.Bool
	go func() {
		for !over.Load() {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most.Store(max(most.Load(), now.HeapAlloc))
			time.Sleep(5 * time.Millisecond)
		}
	}()
	count := 0
	for end := time.Now().Add(lasting); time.Now().Before(end); {
		count += len(client.PollRecords(context.Background(), dawdleAfter).Records())
		time.Sleep(dawdle)
	}
	over.Store(true)
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return map[string]any{
		"count": count, "heapAndExternalBytes": most.Load(), "residentBytes": usage.Maxrss * 1024,
	}
}
