package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	poolKeys   = 4096
	poolValues = 512
)

type produceSetup struct {
	BootstrapServers string `json:"bootstrapServers"`
	Topic            string `json:"topic"`
	ValueSize        int    `json:"valueSize"`
	LingerMs         *int   `json:"lingerMs"`
}

func makeValue(seed, size int) []byte {
	var text strings.Builder
	fmt.Fprintf(&text, `{"order":%d,"items":"`, seed)
	state := uint64(seed + 1)
	for text.Len() < size-2 {
		state = state * 48271 % 0x7fffffff
		text.WriteByte(byte('a' + state%26))
	}
	text.WriteString(`"}`)
	return []byte(text.String())
}

// By the commands of ../worker.ts and with the records of ../workload.ts. Produce with a promise for each record is
// its fastest way: records come from an array that is used again once they were acknowledged, so that no garbage is
// left by the caller.
func produce(with string) {
	var given produceSetup
	if err := json.Unmarshal([]byte(with), &given); err != nil {
		fail(err)
	}
	options := []kgo.Opt{
		kgo.ClientID("bench"),
		kgo.SeedBrokers(strings.Split(given.BootstrapServers, ",")...),
		kgo.DefaultProduceTopic(given.Topic),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(kgo.NoCompression()),
		kgo.RecordPartitioner(kgo.StickyKeyPartitioner(nil)),
		kgo.MaxBufferedRecords(100_000),
	}
	if given.LingerMs != nil {
		options = append(options, kgo.ProducerLinger(time.Duration(*given.LingerMs)*time.Millisecond))
	}
	client, err := kgo.NewClient(options...)
	if err != nil {
		fail(err)
	}
	ctx := context.Background()
	if err := client.Ping(ctx); err != nil {
		fail(err)
	}
	keys := make([][]byte, poolKeys)
	for i := range keys {
		keys[i] = []byte(fmt.Sprintf("customer-%d", i))
	}
	values := make([][]byte, poolValues)
	for i := range values {
		values[i] = makeValue(i, given.ValueSize)
	}
	pool := sync.Pool{New: func() any { return new(kgo.Record) }}
	record := func(i int) *kgo.Record {
		r := pool.Get().(*kgo.Record)
		*r = kgo.Record{Key: keys[i&(poolKeys-1)], Value: values[i&(poolValues-1)]}
		return r
	}
	send := func(count int) error {
		var once sync.Once
		var failure error
		promise := func(r *kgo.Record, err error) {
			if err != nil {
				once.Do(func() { failure = err })
			}
			pool.Put(r)
		}
		for i := 0; i < count; i++ {
			client.Produce(ctx, record(i), promise)
		}
		if err := client.Flush(ctx); err != nil {
			return err
		}
		return failure
	}
	answer(map[string]any{"ready": true})
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var wanted command
		if err := json.Unmarshal(lines.Bytes(), &wanted); err != nil {
			fail(err)
		}
		switch wanted.Do {
		case "produce":
			cpu, wall := cpuTime(), time.Now()
			if err := send(wanted.Count); err != nil {
				fail(err)
			}
			answer(map[string]any{"cpuUs": cpuTime() - cpu, "wallUs": time.Since(wall).Microseconds()})
		case "one by one":
			latencies := make([]float64, wanted.Count)
			cpu := cpuTime()
			for i := range latencies {
				sentAt := time.Now()
				if err := client.ProduceSync(ctx, record(i)).FirstErr(); err != nil {
					fail(err)
				}
				latencies[i] = float64(time.Since(sentAt).Nanoseconds()) / 1000
			}
			answer(map[string]any{"latenciesUs": latencies, "cpuUs": cpuTime() - cpu})
		default:
			fail(fmt.Errorf("unknown command %q", wanted.Do))
		}
	}
}
