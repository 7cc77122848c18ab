/** What a broker listens on, and the connections that it has. */

import type { Acceptor, Listener, ServerStream } from "../platform/listener.ts";
import type { Broker } from "./broker.ts";
import { ClientConnection, type Serve } from "./client-connection.ts";
import type { ConnectedClient, Observers } from "./observer.ts";

/** Sees to a connection before anything comes over it: whom it belongs to, and what it has to show first. */
export type Receive = (connection: ClientConnection, stream: ServerStream) => void;

/** Listens somewhere, on a port of its own where 0 is asked for. */
export type ListenAt = (host: string, port: number, accept: Acceptor) => Promise<Listener>;

export class BrokerServer {
  readonly broker: Broker;
  readonly #listenAt: ListenAt;
  readonly #serve: Serve;
  readonly #maxFrameSize: number;
  readonly #nextId: () => number;
  readonly #receive: Receive;
  readonly #observers: Observers;
  readonly #connections = new Set<ClientConnection>();
  #listener: Listener | null = null;

  /** @param nextId numbers connections */
  constructor(
    broker: Broker,
    listenAt: ListenAt,
    serve: Serve,
    maxFrameSize: number,
    nextId: () => number,
    receive: Receive,
    observers: Observers,
  ) {
    this.broker = broker;
    this.#listenAt = listenAt;
    this.#serve = serve;
    this.#maxFrameSize = maxFrameSize;
    this.#nextId = nextId;
    this.#receive = receive;
    this.#observers = observers;
  }

  get connections(): ReadonlySet<ClientConnection> {
    return this.#connections;
  }

  /** Listens on the broker's port; the first time on a free one where it has none. */
  async listen(): Promise<void> {
    const { broker } = this;
    this.#listener = await this.#listenAt(broker.host, broker.port, (stream, peer) => {
      const connection = new ClientConnection(
        this.#nextId(),
        stream,
        peer,
        this.#maxFrameSize,
        this.#serve,
        () => {
          this.#connections.delete(connection);
          this.#observers.disconnected(clientOf(broker, connection));
        },
      );
      this.#receive(connection, stream);
      this.#connections.add(connection);
      this.#observers.connected(clientOf(broker, connection));
      return connection;
    });
    broker.port = this.#listener.port;
  }

  /** Breaks the connections that there are. */
  resetConnections(): void {
    for (const connection of [...this.#connections]) connection.reset();
  }

  /**
   * Takes no more connections and ends those that there are.
   *
   * @param how they end: in order, or broken as by a broker that dies
   */
  async close(how: "close" | "reset"): Promise<void> {
    const listener = this.#listener;
    this.#listener = null;
    await listener?.close();
    for (const connection of [...this.#connections]) {
      if (how === "close") connection.drop();
      else connection.reset();
    }
  }
}

function clientOf(broker: Broker, { id, peer, software }: ClientConnection): ConnectedClient {
  return { id, broker: broker.id, peer, software };
}
