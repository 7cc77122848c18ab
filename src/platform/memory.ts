/**
 * A network in memory: streams that behave as sockets do, between parts of one process. Clients run over it in
 * tests, and against a broker in the same process, without opening a socket.
 */

import type {
  ByteStream,
  ByteStreamHandler,
  Clock,
  ConnectOptions,
  Platform,
  ResolvedAddress,
} from "./platform.ts";

/**
 * How what was written is cut before it arrives: each `write` as a `whole`, or in `bytes`, or a function that is
 * told how many bytes are on their way and says how many of them arrive together.
 */
export type Chunking = "whole" | "bytes" | ((available: number) => number);

/** What a {@link MemoryNetwork} is like. */
export interface MemoryNetworkOptions {
  /**
   * Milliseconds that bytes, connections and their ends are on their way. Null is no time at all: they arrive once
   * the caller has returned, before any timer fires. Default: null.
   */
  readonly latencyMs?: number | null;
  /** Default: `whole`. */
  readonly chunking?: Chunking;
  /** Bytes on their way in one direction from which on `write` says false. Default: 65,536. */
  readonly highWaterMark?: number;
}

/** The side of a connection that was connected to. */
export interface MemoryStream extends ByteStream {
  /** Sends nothing more, as the end of a socket does, after what was written. */
  end(): void;
  /** Drops the connection; the other side sees it break. */
  reset(): void;
}

/** Takes a connection: what the other side sends goes to the handler that it gives. */
export type MemoryAcceptor = (stream: MemoryStream) => ByteStreamHandler;

/** Where something listens. */
export interface MemoryListener {
  readonly host: string;
  readonly port: number;
  /** Takes no more connections; those that are open stay open. */
  close(): void;
}

const FIRST_FREE_PORT = 49_152;
const DEFAULT_HIGH_WATER_MARK = 65_536;
/** Whoever waits for a connection through a few functions has it before its first bytes arrive. */
const TURNS_BEFORE_ACCEPT = 16;

/**
 * A network in memory.
 *
 * @example
 * ```ts
 * import { Kafka, runtimePlatform } from "kafkawire";
 * import { MemoryNetwork } from "kafkawire/testing";
 *
 * const network = new MemoryNetwork(runtimePlatform);
 * network.listen("broker", 9092, (stream) => ({
 *   onData: (bytes) => console.log(`${bytes.length} bytes came`),
 *   onDrain: () => {},
 *   onClose: () => stream.close(),
 * }));
 * await using kafka = new Kafka({ bootstrapServers: "broker:9092", platform: network.platform });
 * kafka.producer();
 * ```
 */
export class MemoryNetwork {
  /** Connects to what listens in this network, and is otherwise the platform that was given. */
  readonly platform: Platform;
  readonly #clock: Clock;
  readonly #options: MemoryNetworkOptions;
  readonly #listeners = new Map<string, MemoryAcceptor>();
  /** Names outlive their listeners: a broker that is down still has its address. */
  readonly #names = new Set<string>();
  #nextPort = FIRST_FREE_PORT;

  /** @param base Gives clock and zlib, and whatever else is not of the network. */
  constructor(base: Platform, options: MemoryNetworkOptions = {}) {
    this.#clock = base.clock;
    this.#options = options;
    this.platform = {
      ...base,
      name: "memory",
      clock: base.clock,
      zlib: base.zlib,
      connect: (to, handler) => this.#connect(to, handler),
      lookup: (host) => this.#lookup(host),
    };
  }

  /**
   * Listens.
   *
   * @param port 0 for a free one.
   * @throws Error with code `EADDRINUSE` when something listens there.
   */
  listen(host: string, port: number, accept: MemoryAcceptor): MemoryListener {
    const chosen = port === 0 ? this.#nextPort++ : port;
    const address = `${host}:${chosen}`;
    if (this.#listeners.has(address)) throw systemError("EADDRINUSE", `${address} is in use`);
    this.#listeners.set(address, accept);
    this.#names.add(host);
    return {
      host,
      port: chosen,
      close: () => {
        if (this.#listeners.get(address) === accept) this.#listeners.delete(address);
      },
    };
  }

  async #connect(options: ConnectOptions, handler: ByteStreamHandler): Promise<ByteStream> {
    const { host, port, signal, tls } = options;
    if (tls !== null) throw new Error("a network in memory has no TLS");
    await this.#delay(signal);
    const accept = this.#listeners.get(`${host}:${port}`);
    if (accept === undefined) throw systemError("ECONNREFUSED", `connect ECONNREFUSED ${host}:${port}`);
    const [near, far] = memoryPair(handler, this.#clock, this.#options);
    void afterTurns(TURNS_BEFORE_ACCEPT).then(() => {
      far.handler = accept(far);
    });
    return near;
  }

  #delay(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const aborted = (): void => {
        timer?.cancel();
        reject(signal.reason);
      };
      signal.addEventListener("abort", aborted);
      const arrived = (): void => {
        signal.removeEventListener("abort", aborted);
        resolve();
      };
      const { latencyMs = null } = this.#options;
      const timer = latencyMs === null ? undefined : this.#clock.setTimer(latencyMs, arrived);
      if (timer === undefined) queueMicrotask(arrived);
    });
  }

  async #lookup(host: string): Promise<readonly ResolvedAddress[]> {
    if (!this.#names.has(host)) throw systemError("ENOTFOUND", `${host} is not a name in this network`);
    return [{ address: host, family: host.includes(":") ? 6 : 4 }];
  }
}

/** A seed's way of cutting: mostly small pieces, and now and then all that is there. The same seed cuts the same. */
export function randomCuts(seed: number): Chunking {
  let state = seed >>> 0;
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 0x1_0000_0000;
  };
  return (available) => 1 + Math.floor(available ** random() * random());
}

/** Both ends of a connection; the far one has its handler yet to come. */
function memoryPair(
  handler: ByteStreamHandler,
  clock: Clock,
  options: MemoryNetworkOptions,
): readonly [MemoryEnd, MemoryEnd] {
  const near = new MemoryEnd(clock, options);
  const far = new MemoryEnd(clock, options);
  near.connectTo(far);
  far.connectTo(near);
  near.handler = handler;
  return [near, far];
}

/** What is under way to one end. */
type Parcel =
  | { readonly bytes: Uint8Array; readonly dueMs: number }
  | { readonly end: Error | null; readonly dueMs: number };

/** One end of a connection, and what is on its way to it. */
class MemoryEnd implements MemoryStream {
  readonly #clock: Clock;
  readonly #latencyMs: number | null;
  readonly #chunking: Chunking;
  readonly #highWaterMark: number;
  #peer!: MemoryEnd;
  #handler: ByteStreamHandler | null = null;
  #parcels: Parcel[] = [];
  /** Parcels in front of this one have arrived. */
  #first = 0;
  /** How much of the first parcel has arrived. */
  #offset = 0;
  #underWay = 0;
  #isPaused = false;
  #isClosed = false;
  /** Whether nothing more may be sent from here. */
  #isEnded = false;
  #isScheduled = false;
  #peerIsFull = false;

  constructor(clock: Clock, options: MemoryNetworkOptions) {
    this.#clock = clock;
    this.#latencyMs = options.latencyMs ?? null;
    this.#chunking = options.chunking ?? "whole";
    this.#highWaterMark = options.highWaterMark ?? DEFAULT_HIGH_WATER_MARK;
  }

  connectTo(peer: MemoryEnd): void {
    this.#peer = peer;
  }

  set handler(handler: ByteStreamHandler) {
    this.#handler = handler;
    this.#schedule();
  }

  write(chunks: readonly Uint8Array[]): boolean {
    if (this.#isClosed || this.#isEnded) return false;
    const bytes = joined(chunks);
    return bytes.byteLength === 0 ? !this.#peer.#isFull : this.#peer.#take(bytes);
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#schedule();
  }

  end(): void {
    if (this.#isClosed || this.#isEnded) return;
    this.#isEnded = true;
    this.#peer.#takeEnd(null);
  }

  reset(): void {
    if (this.#isClosed) return;
    this.#peer.#drop();
    this.#peer.#takeEnd(systemError("ECONNRESET", "read ECONNRESET"));
    this.#close(null);
  }

  close(): void {
    if (this.#isClosed) return;
    if (!this.#isEnded) {
      this.#peer.#drop();
      this.#peer.#takeEnd(null);
    }
    this.#close(null);
  }

  get #isFull(): boolean {
    return this.#underWay >= this.#highWaterMark;
  }

  #take(bytes: Uint8Array): boolean {
    // The other end may be gone already; its word of that is on its way.
    if (this.#isClosed) return false;
    this.#parcels.push({ bytes, dueMs: this.#dueMs() });
    this.#underWay += bytes.byteLength;
    this.#peerIsFull = this.#isFull;
    this.#schedule();
    return !this.#peerIsFull;
  }

  #takeEnd(error: Error | null): void {
    if (this.#isClosed) return;
    this.#parcels.push({ end: error, dueMs: this.#dueMs() });
    this.#schedule();
  }

  /** Bytes that have not arrived never do. */
  #drop(): void {
    this.#parcels = [];
    this.#first = this.#offset = this.#underWay = 0;
  }

  #dueMs(): number {
    return this.#latencyMs === null ? 0 : this.#clock.monotonicMs() + this.#latencyMs;
  }

  /** One piece at a time, so that what the handler sets off comes before the next. */
  #schedule(): void {
    const parcel = this.#parcels[this.#first];
    if (this.#isScheduled || parcel === undefined || this.#handler === null || this.#isClosed) return;
    // A connection that breaks is noticed also by one that does not read.
    if (this.#isPaused && !("end" in parcel && parcel.end !== null)) return;
    this.#isScheduled = true;
    const arrive = (): void => {
      this.#isScheduled = false;
      try {
        this.#arrive();
      } finally {
        // Whatever a handler throws comes out here, where nobody can miss it, and changes nothing for the stream.
        this.#schedule();
      }
    };
    const waitMs = this.#latencyMs === null ? 0 : parcel.dueMs - this.#clock.monotonicMs();
    if (waitMs <= 0) queueMicrotask(arrive);
    else this.#clock.setTimer(waitMs, arrive);
  }

  #arrive(): void {
    const parcel = this.#parcels[this.#first];
    if (this.#isClosed || parcel === undefined) return;
    if ("end" in parcel) {
      if (this.#isPaused && parcel.end === null) return;
      // As over sockets of which both sides are done once one is: our half goes too.
      if (!this.#isEnded) this.#peer.#takeEnd(null);
      this.#close(parcel.end);
      return;
    }
    if (this.#isPaused) return;
    const bytes = this.#cut(parcel.bytes);
    this.#underWay -= bytes.byteLength;
    if (this.#peerIsFull && this.#underWay <= this.#highWaterMark / 2) {
      this.#peerIsFull = false;
      const peer = this.#peer;
      queueMicrotask(() => {
        if (!peer.#isClosed) peer.#handler?.onDrain();
      });
    }
    this.#handler?.onData(bytes);
  }

  /** Takes the next piece off what is on its way. */
  #cut(first: Uint8Array): Uint8Array {
    const left = first.byteLength - this.#offset;
    let size = left;
    if (this.#chunking === "bytes") size = 1;
    else if (this.#chunking !== "whole")
      size = Math.min(Math.max(1, Math.trunc(this.#chunking(this.#underWay))), this.#underWay);
    const pieces: Uint8Array[] = [];
    const now = this.#latencyMs === null ? 0 : this.#clock.monotonicMs();
    let wanted = size;
    while (wanted > 0) {
      const parcel = this.#parcels[this.#first];
      // Bytes that were sent later are not due yet, or an end stands in front of them.
      if (parcel === undefined || "end" in parcel || (parcel.dueMs > now && pieces.length > 0)) break;
      const piece = parcel.bytes.subarray(this.#offset, this.#offset + wanted);
      pieces.push(piece);
      wanted -= piece.byteLength;
      this.#offset += piece.byteLength;
      if (this.#offset === parcel.bytes.byteLength) this.#dropFirst();
    }
    return pieces.length === 1 ? (pieces[0] as Uint8Array) : joined(pieces);
  }

  #dropFirst(): void {
    this.#offset = 0;
    this.#first++;
    // Now and then: taking each off the front of the list would move all the others each time.
    if (this.#first < 1024 && this.#first < this.#parcels.length) return;
    this.#parcels.splice(0, this.#first);
    this.#first = 0;
  }

  #close(error: Error | null): void {
    this.#isClosed = true;
    this.#drop();
    queueMicrotask(() => this.#handler?.onClose(error));
  }
}

/** The chunks in memory of their own: their owner may write to them again. */
function joined(chunks: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const { byteLength } of chunks) size += byteLength;
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

async function afterTurns(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await null;
}

/** An error as the system makes them. */
function systemError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
