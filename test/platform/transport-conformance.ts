/**
 * What every platform's streams have to do, whatever they run over. It knows no test runner, so that the runtimes
 * without one can be held to it as well.
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { ByteStream, ByteStreamHandler } from "kafkawire";

/** The other end of a connection. */
export interface PeerEnd {
  /** False when the next write should wait for {@link PeerHandler.onDrain}. */
  write(bytes: Uint8Array): boolean;
  pause(): void;
  resume(): void;
  /** Sends nothing more. */
  end(): void;
  /** Drops the connection so that the other side sees it break. */
  reset(): void;
}

/** Who takes what a {@link PeerEnd} gives. */
export interface PeerHandler {
  onData(bytes: Uint8Array): void;
  onDrain(): void;
  /** However it ended. */
  onClose(): void;
}

/** Something that listens, and connections of the platform to it. */
export interface Listening extends AsyncDisposable {
  connect(handler: ByteStreamHandler, signal: AbortSignal): Promise<ByteStream>;
  /** Where nothing listens. */
  connectToNothing(handler: ByteStreamHandler, signal: AbortSignal): Promise<ByteStream>;
}

/** A platform and a way to listen for its connections. */
export interface TransportUnderTest {
  /** `accept` is called for each connection, and its handler takes what comes from then on. */
  listen(accept: (end: PeerEnd) => PeerHandler): Promise<Listening>;
  /** Bytes that may pile up on the way to one who does not read: socket buffers of both sides, and ours. */
  readonly mostUnderWay: number;
  /** Bytes in each direction for the test of much. Default: 10 MB. */
  readonly bulk?: number;
  /** It takes whatever is written, and says that it is full when it is not and the other way round. Default: false. */
  readonly hidesFullness?: boolean;
  /** A peer that resets looks like one that ends in order. Default: false. */
  readonly hidesResets?: boolean;
}

/** One thing that must hold. */
export interface ConformanceCase {
  readonly name: string;
  readonly run: (transport: TransportUnderTest) => Promise<void>;
}

const MOST_WRITES = 1024;
const WRITE_SIZE = 64 * 1024;

/** Bytes that show where they were in the stream. */
function pattern(length: number, from = 0): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = patternAt(from + i);
  return bytes;
}

const patternAt = (i: number): number => (i ^ (i >>> 8) ^ (i >>> 16)) & 0xff;

/** What one side has seen, with waits for more. */
class Seen implements ByteStreamHandler, PeerHandler {
  bytes = 0;
  /** Where the first byte stood that was not the one expected there; -1 while none did. */
  wrongAt = -1;
  drains = 0;
  readonly closes: (Error | null)[] = [];
  afterClose = 0;
  #waiting: (() => void)[] = [];

  onData(chunk: Uint8Array): void {
    if (this.closes.length > 0) this.afterClose++;
    for (let i = 0; i < chunk.length && this.wrongAt < 0; i++) {
      if (chunk[i] !== patternAt(this.bytes + i)) this.wrongAt = this.bytes + i;
    }
    this.bytes += chunk.length;
    this.#changed();
  }

  onDrain(): void {
    if (this.closes.length > 0) this.afterClose++;
    this.drains++;
    this.#changed();
  }

  onClose(error: Error | null = null): void {
    this.closes.push(error);
    this.#changed();
  }

  async until(condition: (seen: this) => boolean): Promise<void> {
    while (!condition(this)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #changed(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

/** A connection with both of its sides. */
interface Connected extends AsyncDisposable {
  readonly stream: ByteStream;
  readonly seen: Seen;
  readonly peer: PeerEnd;
  readonly peerSeen: Seen;
  readonly abort: AbortController;
}

async function connected(
  transport: TransportUnderTest,
  accepted: (end: PeerEnd, seen: Seen) => PeerHandler = (_, seen) => seen,
): Promise<Connected> {
  const peerSeen = new Seen();
  const seen = new Seen();
  const abort = new AbortController();
  let accept!: (end: PeerEnd) => void;
  const end = new Promise<PeerEnd>((resolve) => {
    accept = resolve;
  });
  const listening = await transport.listen((accepting) => {
    accept(accepting);
    return accepted(accepting, peerSeen);
  });
  const stream = await listening.connect(seen, abort.signal);
  return {
    stream,
    seen,
    peer: await end,
    peerSeen,
    abort,
    async [Symbol.asyncDispose]() {
      stream.close();
      await listening[Symbol.asyncDispose]();
    },
  };
}

/** Enough for whatever is still to come of a connection that has ended. */
const aWhile = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 15));

/** A connection whose peer sends everything back as the stream takes it. */
function echoing(transport: TransportUnderTest): Promise<Connected> {
  return connected(transport, (end, seen) => ({
    onData: (bytes) => {
      seen.onData(bytes);
      if (!end.write(bytes.slice())) end.pause();
    },
    onDrain: () => end.resume(),
    onClose: () => seen.onClose(),
  }));
}

/** Writes as much as is taken, and says how much that was. */
async function fill(write: (bytes: Uint8Array) => boolean): Promise<number> {
  let sent = 0;
  for (let i = 0; i < MOST_WRITES; i++) {
    const more = write(pattern(WRITE_SIZE, sent));
    sent += WRITE_SIZE;
    if (!more) return sent;
    // What has gone out must not count.
    if (i % 8 === 7) await aWhile();
  }
  throw new Error(`${sent} bytes were written and it was never full`);
}

/** Sends `total` bytes, waiting whenever it is told to. */
async function sendAll(
  total: number,
  write: (bytes: Uint8Array) => boolean,
  drained: (count: number) => Promise<void>,
  drains: () => number,
): Promise<void> {
  for (let sent = 0; sent < total; ) {
    const bytes = pattern(Math.min(WRITE_SIZE, total - sent), sent);
    const before = drains();
    sent += bytes.length;
    if (!write(bytes) && sent < total) await drained(before + 1);
  }
}

export const conformance: readonly ConformanceCase[] = [
  {
    name: "carries bytes both ways, in order, however they were cut into writes",
    run: async (transport) => {
      await using pair = await echoing(transport);
      let sent = 0;
      for (let i = 0; i < 300; i++) {
        const sizes = i % 7 === 0 ? [0] : i % 3 === 0 ? [1, 0, i % 50, 3] : [(i * 37) % 4000];
        const chunks = sizes.map((size) => {
          const chunk = pattern(size, sent);
          sent += size;
          return chunk;
        });
        pair.stream.write(chunks);
      }
      await pair.seen.until(({ bytes }) => bytes === sent);
      strictEqual(pair.peerSeen.wrongAt, -1);
      strictEqual(pair.seen.wrongAt, -1);
    },
  },
  {
    name: "gives chunks that may be kept, and leaves alone what was sent",
    run: async (transport) => {
      await using pair = await echoing(transport);
      const kept: Uint8Array[] = [];
      const onData = pair.seen.onData.bind(pair.seen);
      pair.seen.onData = (chunk) => {
        kept.push(chunk);
        onData(chunk);
      };
      const own = new Uint8Array(1000);
      for (let i = 0; i < 20; i++) {
        own.set(pattern(1000, i * 1000));
        pair.stream.write([own]);
        await pair.seen.until(({ bytes }) => bytes === (i + 1) * 1000);
      }
      own.fill(0);
      const all = new Seen();
      for (const chunk of kept) all.onData(chunk);
      deepStrictEqual([all.bytes, all.wrongAt], [20_000, -1]);
    },
  },
  {
    name: "gives what the peer sent before anyone asked",
    run: async (transport) => {
      await using pair = await connected(transport, (end, seen) => {
        end.write(pattern(100));
        end.end();
        return seen;
      });
      await pair.seen.until(({ closes }) => closes.length > 0);
      deepStrictEqual([pair.seen.bytes, pair.seen.wrongAt, pair.seen.closes], [100, -1, [null]]);
    },
  },
  {
    name: "says when it is full, and when it takes more, and piles up no more than that",
    run: async (transport) => {
      await using pair = await connected(transport, (end, seen) => {
        end.pause();
        return seen;
      });
      const write = (bytes: Uint8Array): boolean => pair.stream.write([bytes]);
      const saysSo = transport.hidesFullness !== true;
      let sent = 0;
      if (saysSo) {
        sent = await fill(write);
        ok(sent <= transport.mostUnderWay, `${sent} bytes are under way`);
        strictEqual(pair.seen.drains, 0);
      } else {
        for (; sent < transport.mostUnderWay; sent += WRITE_SIZE) write(pattern(WRITE_SIZE, sent));
      }
      strictEqual(pair.peerSeen.bytes, 0);
      pair.peer.resume();
      if (saysSo) await pair.seen.until(({ drains }) => drains > 0);
      await pair.peerSeen.until(({ bytes }) => bytes === sent);
      strictEqual(pair.peerSeen.wrongAt, -1);
    },
  },
  {
    name: "gives nothing while it is paused, slows the peer down, and goes on where it was",
    run: async (transport) => {
      await using pair = await connected(transport);
      pair.stream.pause();
      const sent = await fill((bytes) => pair.peer.write(bytes));
      ok(sent <= transport.mostUnderWay, `${sent} bytes are under way`);
      strictEqual(pair.seen.bytes, 0);
      pair.stream.resume();
      await pair.seen.until(({ bytes }) => bytes > 0);
      pair.stream.pause();
      const before = pair.seen.bytes;
      await aWhile();
      // A chunk that was handed on already may still come.
      ok(pair.seen.bytes - before <= WRITE_SIZE, "it does not pause again");
      pair.stream.resume();
      await pair.seen.until(({ bytes }) => bytes === sent);
      strictEqual(pair.seen.wrongAt, -1);
    },
  },
  {
    name: "pauses and resumes within a chunk's own call",
    run: async (transport) => {
      await using pair = await echoing(transport);
      const onData = pair.seen.onData.bind(pair.seen);
      pair.seen.onData = (chunk) => {
        onData(chunk);
        pair.stream.pause();
        setTimeout(() => pair.stream.resume(), 0);
      };
      for (let i = 0; i < 20; i++) pair.stream.write([pattern(1, i)]);
      await pair.seen.until(({ bytes }) => bytes === 20);
      strictEqual(pair.seen.wrongAt, -1);
    },
  },
  {
    name: "ends in order when the peer sends nothing more, and takes our half with it",
    run: async (transport) => {
      await using pair = await connected(transport);
      pair.peer.write(pattern(5000));
      pair.peer.end();
      await pair.seen.until(({ closes }) => closes.length > 0);
      deepStrictEqual([pair.seen.bytes, pair.seen.wrongAt, pair.seen.closes], [5000, -1, [null]]);
      await pair.peerSeen.until(({ closes }) => closes.length > 0);
      await aWhile();
      strictEqual(pair.seen.closes.length, 1);
    },
  },
  {
    name: "ends with what broke when the peer resets",
    run: async (transport) => {
      await using pair = await connected(transport);
      pair.peer.reset();
      await pair.seen.until(({ closes }) => closes.length > 0);
      await aWhile();
      strictEqual(pair.seen.closes.length, 1);
      const code = (pair.seen.closes[0] as { code?: unknown } | null)?.code;
      strictEqual(code, transport.hidesResets === true ? undefined : "ECONNRESET");
    },
  },
  {
    name: "gives nothing after its end, however much was under way",
    run: async (transport) => {
      await using pair = await connected(transport);
      for (let i = 0; i < 20; i++) {
        pair.peer.write(pattern(10_000, i * 10_000));
        pair.stream.write([pattern(10_000, i * 10_000)]);
      }
      await pair.seen.until(({ bytes }) => bytes > 0);
      pair.peer.reset();
      await pair.seen.until(({ closes }) => closes.length > 0);
      await aWhile();
      deepStrictEqual([pair.seen.closes.length, pair.seen.afterClose, pair.seen.wrongAt], [1, 0, -1]);
    },
  },
  {
    name: "drops everything when it is closed, says so once, and takes later calls for nothing",
    run: async (transport) => {
      await using pair = await connected(transport);
      pair.peer.write(pattern(100_000));
      await pair.seen.until(({ bytes }) => bytes > 0);
      pair.stream.close();
      const before = pair.seen.bytes;
      pair.stream.close();
      await pair.seen.until(({ closes }) => closes.length > 0);
      pair.stream.write([pattern(10)]);
      pair.stream.pause();
      pair.stream.resume();
      pair.stream.keepAlive?.(true);
      pair.stream.close();
      await pair.peerSeen.until(({ closes }) => closes.length > 0);
      await aWhile();
      const { bytes, closes, afterClose } = pair.seen;
      deepStrictEqual([bytes, closes, afterClose, pair.peerSeen.bytes], [before, [null], 0, 0]);
    },
  },
  {
    name: "closes within a chunk's own call, and gives no other",
    run: async (transport) => {
      await using pair = await connected(transport);
      let calls = 0;
      pair.seen.onData = () => {
        calls++;
        pair.stream.close();
      };
      for (let i = 0; i < 50; i++) pair.peer.write(pattern(5000, i * 5000));
      await pair.seen.until(({ closes }) => closes.length > 0);
      await aWhile();
      deepStrictEqual([calls, pair.seen.closes], [1, [null]]);
    },
  },
  {
    name: "rejects a connection with the signal's own reason, before and meanwhile, and takes it for nothing after",
    run: async (transport) => {
      await using pair = await echoing(transport);
      pair.abort.abort(new Error("too late"));
      pair.stream.write([pattern(10)]);
      await pair.seen.until(({ bytes }) => bytes === 10);

      const reason = new Error("enough");
      const seen = new Seen();
      const other = await transport.listen(() => new Seen());
      await using _ = other;
      await rejects(other.connect(seen, AbortSignal.abort(reason)), reason);
      const abort = new AbortController();
      const connecting = other.connect(seen, abort.signal);
      abort.abort(reason);
      await rejects(connecting, reason);
      await aWhile();
      deepStrictEqual([seen.bytes, seen.closes], [0, []]);
    },
  },
  {
    name: "rejects a connection to where nothing listens, with the system's code",
    run: async (transport) => {
      await using listening = await transport.listen(() => new Seen());
      const seen = new Seen();
      const attempt = listening.connectToNothing(seen, new AbortController().signal);
      await rejects(attempt, { code: "ECONNREFUSED" });
      await aWhile();
      deepStrictEqual(seen.closes, []);
    },
  },
  {
    name: "carries much in both directions at once",
    run: async (transport) => {
      await using pair = await connected(transport);
      const { stream, seen, peer, peerSeen } = pair;
      const bulk = transport.bulk ?? 10_000_000;
      await Promise.all([
        sendAll(
          bulk,
          (bytes) => stream.write([bytes]),
          (count) => seen.until(({ drains }) => drains >= count),
          () => seen.drains,
        ),
        sendAll(
          bulk,
          (bytes) => peer.write(bytes),
          (count) => peerSeen.until(({ drains }) => drains >= count),
          () => peerSeen.drains,
        ),
        seen.until(({ bytes }) => bytes === bulk),
        peerSeen.until(({ bytes }) => bytes === bulk),
      ]);
      deepStrictEqual([seen.wrongAt, peerSeen.wrongAt], [-1, -1]);
    },
  },
  {
    name: "carries thousands of tiny writes",
    run: async (transport) => {
      await using pair = await echoing(transport);
      pair.stream.keepAlive?.(false);
      pair.stream.keepAlive?.(true);
      const writes = 20_000;
      for (let i = 0; i < writes; i++) pair.stream.write([pattern(2, i * 2)]);
      await pair.seen.until(({ bytes }) => bytes === writes * 2);
      deepStrictEqual([pair.seen.wrongAt, pair.peerSeen.wrongAt], [-1, -1]);
    },
  },
];
