/**
 * Kafka through a SOCKS5 proxy (RFC 1928): a platform whose connections all go through it, with TLS inside where the
 * client wants it. Names are left to the proxy, which often is the only one that knows them.
 */

import {
  type ByteStream,
  type ByteStreamHandler,
  type ConnectOptions,
  type Platform,
  runtimePlatform,
} from "kafkawire";

/** Where the proxy is, and who asks. */
export interface Socks5Options {
  readonly host: string;
  readonly port: number;
  /** Both or neither (RFC 1929). */
  readonly username?: string;
  readonly password?: string;
}

/** A platform for `new Kafka({ platform })`. */
export function socks5(proxy: Socks5Options, base: Platform = runtimePlatform): Platform {
  return {
    ...base,
    name: "socks5",
    // The name itself goes to the proxy.
    lookup: async (host) => [{ address: host, family: host.includes(":") ? 6 : 4 }],
    async connect(options, handler) {
      const { host, tls, signal } = options;
      const open = (inner: ByteStreamHandler): Promise<ByteStream> => openTunnel(base, proxy, options, inner);
      if (tls === null) return open(handler);
      if (base.secure === undefined) throw new Error(`The platform "${base.name}" has no TLS over a stream`);
      return base.secure(open, { host, tls, signal }, handler);
    },
  };
}

async function openTunnel(
  base: Platform,
  { host, port, username, password }: Socks5Options,
  to: ConnectOptions,
  handler: ByteStreamHandler,
): Promise<ByteStream> {
  const { signal } = to;
  const conversation = new Conversation(handler);
  const stream = await base.connect({ host, port, tls: null, signal }, conversation);
  const aborted = (): void => conversation.fail(signal.reason);
  signal.addEventListener("abort", aborted);
  try {
    signal.throwIfAborted();
    const method = username === undefined ? NO_AUTHENTICATION : USERNAME_AND_PASSWORD;
    stream.write([Uint8Array.of(VERSION, 1, method)]);
    const [, chosen] = await conversation.read(2);
    if (chosen !== method)
      throw new Error(`The SOCKS5 proxy wants another way of authentication (${chosen})`);
    if (username !== undefined) {
      stream.write([Uint8Array.of(1, ...withLength(username), ...withLength(password ?? ""))]);
      const [, status] = await conversation.read(2);
      if (status !== 0) throw new Error("The SOCKS5 proxy refuses this username and password");
    }
    const portBytes = [to.port >> 8, to.port & 0xff];
    stream.write([Uint8Array.of(VERSION, CONNECT, 0, ...addressBytes(to.host), ...portBytes)]);
    const [, reply = 0, , addressType] = await conversation.read(4);
    if (reply !== 0) throw refusal(reply, to);
    // Where the proxy connects from, which is of no interest.
    const length = addressType === IPV4 ? 4 : addressType === IPV6 ? 16 : (await conversation.read(1))[0];
    await conversation.read((length ?? 0) + 2);
    conversation.end();
    return stream;
  } catch (error) {
    stream.close();
    throw error;
  } finally {
    signal.removeEventListener("abort", aborted);
  }
}

/** Takes the proxy's answers first, and is then nothing but the handler that it was given. */
class Conversation implements ByteStreamHandler {
  readonly #handler: ByteStreamHandler;
  #isOver = false;
  #bytes: readonly number[] = [];
  #failure: { readonly reason: unknown } | null = null;
  #changed: () => void = () => {};

  constructor(handler: ByteStreamHandler) {
    this.#handler = handler;
  }

  onData(chunk: Uint8Array): void {
    if (this.#isOver) {
      this.#handler.onData(chunk);
    } else {
      this.#bytes = [...this.#bytes, ...chunk];
      this.#changed();
    }
  }

  onDrain(): void {
    if (this.#isOver) this.#handler.onDrain();
  }

  onClose(error: Error | null): void {
    if (this.#isOver) this.#handler.onClose(error);
    else this.fail(error ?? new Error("The SOCKS5 proxy closed the connection"));
  }

  fail(reason: unknown): void {
    this.#failure ??= { reason };
    this.#changed();
  }

  /** The next bytes, once all of them are there. */
  async read(size: number): Promise<readonly number[]> {
    for (;;) {
      if (this.#failure !== null) throw this.#failure.reason;
      if (this.#bytes.length >= size) break;
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
    const read = this.#bytes.slice(0, size);
    this.#bytes = this.#bytes.slice(size);
    return read;
  }

  end(): void {
    // Neither Kafka nor TLS speaks before it is spoken to.
    if (this.#bytes.length > 0) throw new Error("The SOCKS5 proxy sends bytes that nobody asked for");
    this.#isOver = true;
  }
}

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const USERNAME_AND_PASSWORD = 2;
const CONNECT = 1;
const IPV4 = 1;
const DOMAIN_NAME = 3;
const IPV6 = 4;

function withLength(text: string): readonly number[] {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > 255) throw new Error("SOCKS5 takes no text of more than 255 bytes");
  return [bytes.length, ...bytes];
}

function addressBytes(host: string): readonly number[] {
  if (/^\d+(\.\d+){3}$/.test(host)) return [IPV4, ...host.split(".").map(Number)];
  if (!host.includes(":")) return [DOMAIN_NAME, ...withLength(host)];
  const [front = "", back] = host.split("::");
  const groups = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const [before, after] = [groups(front), groups(back ?? "")];
  const zeros = Array<number>(8 - before.length - after.length).fill(0);
  return [IPV6, ...[...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff])];
}

/** What the replies of RFC 1928 mean, with the system's code where there is one: the client knows those. */
function refusal(reply: number, { host, port }: ConnectOptions): Error {
  const [code, why] = REPLIES[reply] ?? ["", `reply ${reply}`];
  const error = new Error(`The SOCKS5 proxy cannot connect to ${host}:${port}: ${why}`);
  return code === "" ? error : Object.assign(error, { code });
}

const REPLIES: { readonly [reply: number]: readonly [code: string, why: string] } = {
  1: ["", "it failed"],
  2: ["", "its rules do not allow it"],
  3: ["ENETUNREACH", "there is no route to that network"],
  4: ["EHOSTUNREACH", "there is no route to that host"],
  5: ["ECONNREFUSED", "nothing listens there"],
  6: ["ETIMEDOUT", "the host does not answer"],
  7: ["", "it knows no such command"],
  8: ["", "it knows no such kind of address"],
};
