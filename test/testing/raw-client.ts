/** Requests to an embedded broker as they stand on the wire, without the client. */

import type { ByteStream, Platform } from "../../src/platform/platform.ts";
import { codecFor } from "../../src/protocol/compile.ts";
import { FrameReader } from "../../src/protocol/frame.ts";
import {
  RequestHeader,
  ResponseHeader,
  requestHeaderVersion,
  responseHeaderVersion,
} from "../../src/protocol/header.ts";
import { Reader } from "../../src/protocol/reader.ts";
import { RecordBatchBuilder } from "../../src/protocol/records/record-batch-builder.ts";
import type { Fields, Infer, InferInput, MessageSchema } from "../../src/protocol/schema.ts";
import { Writer } from "../../src/protocol/writer.ts";
import type { TestCluster } from "../../src/testing/mod.ts";

/** One connection. Requests may be sent without waiting for the answers of those before. */
export class RawClient implements Disposable {
  readonly #frames = new FrameReader();
  readonly #waiting: { resolve: (frame: Uint8Array) => void; reject: (error: Error) => void }[] = [];
  #stream!: ByteStream;
  #correlationId = 0;
  /** Resolves once the broker has closed the connection. */
  readonly closed: Promise<void>;
  #close!: () => void;

  private constructor() {
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
  }

  static async connect(platform: Platform, address: string): Promise<RawClient> {
    const client = new RawClient();
    const at = address.lastIndexOf(":");
    const to = {
      host: address.slice(0, at),
      port: Number(address.slice(at + 1)),
      tls: null,
      signal: new AbortController().signal,
    };
    client.#stream = await platform.connect(to, {
      onData: (chunk) => {
        for (const frame of client.#frames.push(chunk)) client.#waiting.shift()?.resolve(frame);
      },
      onDrain: () => {},
      onClose: () => {
        for (const { reject } of client.#waiting.splice(0)) reject(new Error("the broker hung up"));
        client.#close();
      },
    });
    return client;
  }

  /** A connection to a broker of the cluster. */
  static to(cluster: TestCluster, broker = 1): Promise<RawClient> {
    return RawClient.connect(cluster.platform, cluster.broker(broker).address);
  }

  /** Sends a request and gives the response. */
  async ask<Request extends Fields, Response extends Fields>(
    request: MessageSchema<Request>,
    response: MessageSchema<Response>,
    version: number,
    body: InferInput<MessageSchema<Request>>,
    clientId: string | null = "raw",
  ): Promise<Infer<MessageSchema<Response>>> {
    this.send(request, version, body, clientId);
    return this.receive(response, version);
  }

  /** The response to the request that was sent last; ask for it before another one is sent. */
  async receive<Response extends Fields>(
    response: MessageSchema<Response>,
    version: number,
  ): Promise<Infer<MessageSchema<Response>>> {
    const correlationId = this.#correlationId;
    const reader = new Reader(await this.next());
    const header = codecFor(ResponseHeader, responseHeaderVersion(response, version)).decode(reader);
    if (header.correlationId !== correlationId) throw new Error("another request was answered");
    const value = codecFor(response, version).decode(reader);
    reader.expectEnd();
    return value;
  }

  /** Sends a request, and gives its correlation id. */
  send<Request extends Fields>(
    request: MessageSchema<Request>,
    version: number,
    body: InferInput<MessageSchema<Request>>,
    clientId: string | null = "raw",
  ): number {
    const correlationId = ++this.#correlationId;
    const writer = new Writer();
    codecFor(RequestHeader, requestHeaderVersion(request, version)).encode(writer, {
      requestApiKey: request.apiKey as number,
      requestApiVersion: version,
      correlationId,
      clientId,
    });
    codecFor(request, version).encode(writer, body);
    this.sendFrame(writer.toBytes());
    return correlationId;
  }

  /** Sends bytes as a frame. */
  sendFrame(bytes: Uint8Array): void {
    const size = new Uint8Array(4);
    new DataView(size.buffer).setInt32(0, bytes.byteLength);
    this.#stream.write([size, bytes]);
  }

  /** The next frame. */
  next(): Promise<Uint8Array> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  [Symbol.dispose](): void {
    this.#stream.close();
  }
}

export interface BatchOptions {
  readonly producerId?: bigint;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly isTransactional?: boolean;
  /** Of the first record; each further one is a millisecond later. */
  readonly timestamp?: number;
  readonly key?: string | null;
}

/** A batch of records with these values. */
export function batchOf(values: readonly (string | null)[], options: BatchOptions = {}): Uint8Array {
  const { timestamp = Date.now(), key = null, ...header } = options;
  const builder = new RecordBatchBuilder();
  values.forEach((value, index) => void builder.append(timestamp + index, key, value));
  return builder.build(header);
}
