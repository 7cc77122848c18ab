/** A platform in memory: time stands still unless the test moves it, and the network is what the test scripts. */

import { gunzipSync, gzipSync } from "node:zlib";
import type {
  ByteStream,
  ByteStreamHandler,
  ConnectOptions,
  Platform,
  ResolvedAddress,
  Zlib,
} from "../../src/platform/platform.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakePeer } from "./fake-peer.ts";

/** What happens to those who connect to an address. */
export type Listener =
  | { readonly accept: (peer: FakePeer) => void; readonly delayMs?: number }
  /** The attempt fails with this. */
  | { readonly refuse: Error }
  /** Nothing ever answers the attempt. */
  | "blackhole";

/** An error as the system makes them. */
export function systemError(code: string, message = `connect ${code}`): Error {
  return Object.assign(new Error(message), { code });
}

export class FakePlatform implements Platform {
  readonly name = "fake";
  readonly clock = new FakeClock();
  readonly zlib: Zlib = {
    gzip: (bytes) => gzipSync(bytes),
    gunzip: (bytes, maxSize) => gunzipSync(bytes, { maxOutputLength: maxSize }),
  };
  /** By `address:port`. Where none is, connections are refused. */
  readonly listeners = new Map<string, Listener>();
  /** Addresses of names; a name that is not here is an address itself. A name without any does not resolve. */
  readonly names = new Map<string, readonly string[]>();
  /** Every attempt to connect, in order. */
  readonly attempts: ConnectOptions[] = [];
  /** Every connection that was made, in order. */
  readonly peers: FakePeer[] = [];
  #connecting = 0;

  async lookup(host: string): Promise<readonly ResolvedAddress[]> {
    const addresses = this.names.get(host) ?? [host];
    if (addresses.length === 0) throw systemError("ENOTFOUND", `getaddrinfo ENOTFOUND ${host}`);
    return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
  }

  async connect(options: ConnectOptions, handler: ByteStreamHandler): Promise<ByteStream> {
    this.attempts.push(options);
    const listener = this.listeners.get(`${options.host}:${options.port}`);
    if (listener === undefined) throw systemError("ECONNREFUSED");
    if (listener !== "blackhole" && "refuse" in listener) throw listener.refuse;
    this.#connecting++;
    try {
      await this.#patience(listener === "blackhole" ? null : (listener.delayMs ?? 0), options.signal);
    } finally {
      this.#connecting--;
    }
    if (listener === "blackhole") throw new Error("a blackhole let someone in");
    const peer = new FakePeer(handler);
    this.peers.push(peer);
    queueMicrotask(() => listener.accept(peer));
    return peer.stream;
  }

  /** Connections that neither side has closed. */
  get openConnections(): number {
    return this.peers.filter(({ isClosed }) => !isClosed).length;
  }

  /** Whether anything is left that may keep a process alive: a timer, or a connection that is not closed. */
  get keepsAlive(): boolean {
    return this.clock.foregroundTimers + this.openConnections + this.#connecting > 0;
  }

  /** Whether something keeps a process alive now; connections that are idle by their own word do not. */
  get isAlive(): boolean {
    const busy = this.peers.filter(({ isClosed, isIdle }) => !isClosed && !isIdle).length;
    return this.clock.foregroundTimers + busy + this.#connecting > 0;
  }

  /** As the clock's, with the check that a process would not have ended while it waited. */
  run<T>(promise: Promise<T>, limitMs?: number): Promise<T> {
    return this.clock.run(promise, limitMs, () => {
      if (!this.isAlive) throw new Error("A process would end here, with this still pending");
    });
  }

  /** The error that `promise` rejects with, when time goes by as in {@link run}. */
  async failure(promise: Promise<unknown>, limitMs?: number): Promise<unknown> {
    try {
      await this.run(
        promise.then(() => {}),
        limitMs,
      );
    } catch (error) {
      return error;
    }
    throw new Error("It succeeded");
  }

  /** Waits `delayMs`, or for ever if that is null; the signal rejects. */
  #patience(delayMs: number | null, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      if (delayMs === 0) resolve();
      else if (delayMs !== null) this.clock.setTimer(delayMs, resolve, { background: true });
    });
  }
}
