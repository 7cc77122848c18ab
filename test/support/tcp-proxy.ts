import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { chooseFreePorts } from "../../scripts/kafka/ports.ts";
import { type Cut, type Faults, ProxiedConnection, type Target } from "./proxied-connection.ts";

const HOST = "127.0.0.1";

/** How much has gone through a proxy since it was opened. */
export interface ProxyCounters {
  accepted: number;
  toBroker: number;
  toClient: number;
  /** Requests by API key. */
  readonly requests: Map<number, number>;
}

/**
 * Stands in front of one broker and passes bytes on, but for the faults that are set. They hold for the
 * connections that exist as for those to come; each connection can have some of its own beside.
 */
export class TcpProxy implements AsyncDisposable {
  /** Where the broker listens. Until it is set, connections are reset. */
  target: Target | null = null;
  readonly toBroker: Faults = {};
  readonly toClient: Faults = {};
  readonly counters: ProxyCounters = { accepted: 0, toBroker: 0, toClient: 0, requests: new Map() };
  readonly #connections = new Set<ProxiedConnection>();
  #server: Server | null = null;
  #port: number;
  #cut: Cut | null = null;

  private constructor(port: number) {
    this.#port = port;
  }

  static async open(target: Target | null = null): Promise<TcpProxy> {
    const proxy = new TcpProxy(await freePort());
    proxy.target = target;
    await proxy.accept();
    return proxy;
  }

  /** Where clients connect. */
  get port(): number {
    return this.#port;
  }

  /** `host:port` of the same. */
  get address(): string {
    return `${HOST}:${this.#port}`;
  }

  /** Those that are open now. */
  get connections(): readonly ProxiedConnection[] {
    return [...this.#connections];
  }

  /** From now on connections are refused; those that are open stay. */
  refuse(): void {
    this.#server?.close();
    this.#server = null;
  }

  /** Undoes {@link refuse}. */
  async accept(): Promise<void> {
    if (this.#server !== null) return;
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#connect(client));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, HOST, resolve);
    });
    this.#server = server;
  }

  /** Goes on at another port, and ends what came through the former one. */
  async move(): Promise<void> {
    this.refuse();
    this.resetAll();
    this.#port = await freePort();
    await this.accept();
  }

  /** Takes all faults away that were set on the proxy itself. */
  heal(): void {
    this.#cut = null;
    for (const faults of [this.toBroker, this.toClient]) {
      for (const fault of Object.keys(faults)) delete faults[fault as keyof Faults];
    }
  }

  /** Ends every connection with a RST. */
  resetAll(): void {
    for (const connection of this.#connections) connection.reset();
  }

  /**
   * Lets the first `afterBytes` bytes of one response through, its size included, and ends the connection there.
   *
   * @param apiKey Of the request that is answered. Default: any.
   * @returns once that has happened.
   */
  cutResponse({ afterBytes, apiKey }: { afterBytes: number; apiKey?: number }): Promise<void> {
    return new Promise((resolve) => {
      this.#cut = {
        afterBytes,
        takes: (answered) => {
          if (apiKey !== undefined && apiKey !== answered) return false;
          this.#cut = null;
          resolve();
          return true;
        },
      };
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = this.#server;
    const closed = server === null ? null : once(server, "close");
    this.refuse();
    this.resetAll();
    await closed;
  }

  #connect(client: Socket): void {
    this.counters.accepted++;
    const connection = new ProxiedConnection(client, this.target, {
      faults: this,
      cut: () => this.#cut,
      onBytes: (direction, count) => {
        this.counters[direction] += count;
      },
      onRequest: (apiKey) => {
        const { requests } = this.counters;
        requests.set(apiKey, (requests.get(apiKey) ?? 0) + 1);
      },
      onClose: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }
}

/** Below the range of outgoing connections, so that a port that is given up for a while can be had again. */
async function freePort(): Promise<number> {
  const [port] = await chooseFreePorts(1, HOST);
  if (port === undefined) throw new Error("no port was chosen");
  return port;
}
