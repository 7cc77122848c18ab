import type { LoggedRequest } from "./request-log.ts";

/** A client that is connected. */
export interface ConnectedClient {
  /** Counts the connections of a cluster from 1. */
  readonly id: number;
  /** Id of the broker. */
  readonly broker: number;
  /** Address and port of the client. */
  readonly peer: string;
  /** Name and version of the client's software, once it told. */
  readonly software: { readonly name: string; readonly version: string } | null;
}

/** Who looks on at a cluster. */
export interface ClusterObserver {
  onConnected?(client: ConnectedClient): void;
  onDisconnected?(client: ConnectedClient): void;
  onRequest?(request: LoggedRequest): void;
  /** The request was answered, or its connection ended. */
  onAnswered?(request: LoggedRequest): void;
}

/** All who look on at a cluster. */
export class Observers {
  readonly #observers = new Set<ClusterObserver>();

  /** Returns what ends it. */
  add(observer: ClusterObserver): () => void {
    this.#observers.add(observer);
    return () => void this.#observers.delete(observer);
  }

  connected(client: ConnectedClient): void {
    for (const observer of this.#observers) observer.onConnected?.(client);
  }

  disconnected(client: ConnectedClient): void {
    for (const observer of this.#observers) observer.onDisconnected?.(client);
  }

  request(request: LoggedRequest): void {
    for (const observer of this.#observers) observer.onRequest?.(request);
  }

  answered(request: LoggedRequest): void {
    for (const observer of this.#observers) observer.onAnswered?.(request);
  }
}
