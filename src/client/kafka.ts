import { platform as runtimePlatform } from "#platform";
import { compressionCodecs } from "../compression/codecs.ts";
import type { Platform } from "../platform/platform.ts";
import { Admin } from "./admin/admin.ts";
import type { CloseOptions } from "./close-options.ts";
import { Cluster } from "./cluster.ts";
import { type ConsumerConfig, resolveConsumerConfig } from "./config/consumer-config.ts";
import { configsFromProperties, type KafkaProperties } from "./config/from-properties.ts";
import { type KafkaConfig, type ResolvedKafkaConfig, resolveKafkaConfig } from "./config/kafka-config.ts";
import { type ProducerConfig, resolveProducerConfig } from "./config/producer-config.ts";
import { given } from "./config/resolve.ts";
import { Consumer } from "./consumer/consumer.ts";
import { Coordinators } from "./coordinators.ts";
import { ClosedError } from "./errors.ts";
import { defaultLogger, type Logger, unfailing } from "./logger.ts";
import type { ClientEventListener, ClientEventName } from "./observe/events.ts";
import type { Metrics } from "./observe/metrics.ts";
import type { WaitSnapshot } from "./observe/waits.ts";
import { Producer } from "./producer/producer.ts";
import type { RecordData } from "./producer/record-data.ts";
import { recordSerializer } from "./producer/record-serializer.ts";
import { Deadline, within } from "./retry.ts";
import { lazyAuthenticator } from "./sasl/lazy-authenticator.ts";
import { explainTlsProblem } from "./tls-failure.ts";
import { VERSION } from "./version.ts";

/** Largest response, in bytes, that is taken from a broker. "HTTP", read as a size, is larger. */
const MAX_RESPONSE_SIZE = 1024 * 1024 * 1024;
/** Largest size in bytes that one batch may have once decompressed. */
const MAX_DECOMPRESSED_BATCH = 256 * 1024 * 1024;

/**
 * A Kafka cluster: owns the connections and the metadata that its producers and consumers share.
 *
 * Nothing is connected before something is asked for.
 *
 * @example
 * ```ts
 * import { Kafka } from "kafkawire";
 *
 * await using kafka = new Kafka({ bootstrapServers: ["localhost:9092"], clientId: "billing" });
 * const producer = kafka.producer();
 * await producer.send({ topic: "orders", key: "42", value: "paid" });
 * ```
 */
export class Kafka implements AsyncDisposable {
  readonly #config: ResolvedKafkaConfig;
  readonly #platform: Platform;
  readonly #logger: Logger;
  readonly #cluster: Cluster;
  readonly #coordinators: Coordinators;
  readonly #open = new Set<Pick<Admin, "close">>();
  #defaults: { readonly producer: ProducerConfig; readonly consumer: ConsumerConfig } | null = null;
  #closing: Promise<void> | null = null;

  /**
   * Makes one from Kafka's own configuration: its dotted keys as an object, or the text of a `.properties` file.
   * Producers and consumers start from what is there for them; what {@link producer} and {@link consumer} are given
   * counts for more.
   *
   * Values are read as Kafka reads them. Keys that change nothing here are named to the logger at level `info`; those
   * that ask for what is not there, and those that Kafka does not have, are an error.
   *
   * @param config Settings that count for more than the properties, and those that no text can say.
   * @throws ConfigError naming the first key that is wrong, and what to do about it.
   *
   * @example
   * ```ts
   * import { Kafka } from "kafkawire";
   *
   * await using kafka = Kafka.fromProperties({ "bootstrap.servers": "localhost:9092", "linger.ms": "20" });
   * const producer = kafka.producer({ compressionType: "gzip" });
   * await producer.send({ topic: "orders", value: "paid" });
   * ```
   */
  static fromProperties(properties: KafkaProperties, config: Partial<KafkaConfig> = {}): Kafka {
    const { kafka, ignored, ...defaults } = configsFromProperties(properties);
    const made = new Kafka({ ...kafka, ...given(config) } as KafkaConfig);
    made.#defaults = defaults;
    if (ignored.length > 0) made.#logger.info(`No effect in kafkawire: ${ignored.join(", ")}`);
    return made;
  }

  /** @throws ConfigError naming the first setting that is wrong. */
  constructor(config: KafkaConfig) {
    this.#config = resolveKafkaConfig(config);
    this.#platform = this.#config.platform ?? runtimePlatform;
    this.#logger = unfailing(this.#config.logger ?? defaultLogger);
    const { reconnectBackoffMs, reconnectBackoffMaxMs, retryBackoffMs, retryBackoffMaxMs } = this.#config;
    const { sasl, tls } = this.#config;
    const tlsProblem = tls === null ? null : (this.#platform.checkTls?.(tls) ?? null);
    if (tls !== null && tlsProblem !== null) throw explainTlsProblem(tlsProblem, tls);
    this.#cluster = new Cluster({
      platform: this.#platform,
      logger: this.#logger,
      tls,
      authenticator:
        sasl === null ? null : lazyAuthenticator(sasl, { clock: this.#platform.clock, logger: this.#logger }),
      clientId: this.#config.clientId,
      software: { name: "kafkawire", version: VERSION },
      bootstrapServers: this.#config.bootstrapServers,
      setupTimeout: {
        initialMs: this.#config.socketConnectionSetupTimeoutMs,
        maxMs: this.#config.socketConnectionSetupTimeoutMaxMs,
      },
      maxIdleMs: this.#config.connectionsMaxIdleMs,
      requestTimeoutMs: this.#config.requestTimeoutMs,
      maxInFlight: this.#config.maxInFlightRequestsPerConnection,
      maxFrameSize: MAX_RESPONSE_SIZE,
      metadataMaxAgeMs: this.#config.metadataMaxAgeMs,
      metadataRecoveryStrategy: this.#config.metadataRecoveryStrategy,
      allowAutoCreateTopics: this.#config.allowAutoCreateTopics,
      reconnectBackoff: { initialMs: reconnectBackoffMs, maxMs: reconnectBackoffMaxMs },
      retryBackoff: { initialMs: retryBackoffMs, maxMs: retryBackoffMaxMs },
    });
    this.#coordinators = new Coordinators(this.#cluster, this.#config.requestTimeoutMs);
    this.#cluster.observability.watch(() => this.#cluster.diagnosis());
  }

  /**
   * Calls `listener` with each event of a name, at the moment it happens. What the listener throws goes to the
   * logger and changes nothing else. The same events are on the channels `kafkawire:NAME` of
   * `node:diagnostics_channel`; `docs/observability.md` lists them all.
   *
   * @example
   * ```ts
   * import { Kafka } from "kafkawire";
   *
   * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
   * const off = kafka.on("request:done", ({ broker, api, latencyMs }) => console.log(broker, api, latencyMs));
   * off();
   * ```
   *
   * @returns what takes the listener away again.
   * @throws ConfigError when there is no such event.
   */
  on<Name extends ClientEventName>(event: Name, listener: ClientEventListener<Name>): () => void {
    return this.#cluster.observability.events.source(event).add(listener, false);
  }

  /** As {@link on}, for the next event of that name only. */
  once<Name extends ClientEventName>(event: Name, listener: ClientEventListener<Name>): () => void {
    return this.#cluster.observability.events.source(event).add(listener, true);
  }

  /** Takes a listener away, however often it was given. */
  off<Name extends ClientEventName>(event: Name, listener: ClientEventListener<Name>): void {
    this.#cluster.observability.events.source(event).removeListener(listener);
  }

  /**
   * What the client has done since it was made, and how things stand: requests, bytes and latencies by broker,
   * records sent and read, lag. Plain data, made anew by each call.
   */
  metrics(): Metrics {
    return this.#cluster.observability.snapshot();
  }

  /**
   * What is being waited for right now, longest first: for whom, since when, until when, and what stands in the
   * way. The answer to "why does my program hang?".
   */
  waits(): WaitSnapshot[] {
    return this.#cluster.observability.waits.list();
  }

  /**
   * Makes a producer. Serializers say what its keys and values may be; without any they are text, bytes or null. One
   * that properties name has to be told to the compiler: `kafka.producer<number, string>()`.
   *
   * @throws ConfigError naming the first setting that is wrong.
   * @throws KafkaError `UNSUPPORTED_COMPRESSION_TYPE` when this runtime cannot write that compression.
   */
  producer<K = RecordData, V = RecordData>(config: ProducerConfig<K, V> = {}): Producer<K, V> {
    this.#checkOpen();
    const { requestTimeoutMs } = this.#config;
    const resolved = resolveProducerConfig({ ...this.#defaults?.producer, ...given(config) }, this.#config);
    const { keySerializer, valueSerializer } = resolved as unknown as Required<ProducerConfig<K, V>>;
    const producer: Producer<K, V> = new Producer<K, V>({
      cluster: this.#cluster,
      coordinators: this.#coordinators,
      config: resolved,
      serialize: recordSerializer(keySerializer, valueSerializer),
      requestTimeoutMs,
      maxInFlight: this.#config.maxInFlightRequestsPerConnection,
      allocate: this.#platform.allocate?.bind(this.#platform),
      codec: compressionCodecs(this.#platform.zlib, {
        gzipLevel: resolved.compressionGzipLevel,
        zstdLevel: resolved.compressionZstdLevel,
      }).forWriting(resolved.compressionType),
      logger: this.#logger,
      onClose: () => this.#open.delete(producer),
    });
    this.#open.add(producer);
    return producer;
  }

  /**
   * Makes a consumer. Deserializers say what its keys and values are; without any they are bytes.
   *
   * @example
   * ```ts
   * import { json, Kafka, string } from "kafkawire";
   *
   * interface Order {
   *   readonly total: number;
   * }
   *
   * await using kafka = new Kafka({ bootstrapServers: "localhost:9092" });
   * const consumer = kafka.consumer({ keyDeserializer: string(), valueDeserializer: json<Order>() });
   * consumer.assign(await consumer.partitionsFor("orders", { from: "earliest" }));
   * for await (const { key, value } of consumer) console.log(key, value?.total);
   * ```
   *
   * @throws ConfigError naming the first setting that is wrong.
   */
  consumer<K = Uint8Array, V = Uint8Array>(config: ConsumerConfig<K, V> = {}): Consumer<K, V> {
    this.#checkOpen();
    const { zlib } = this.#platform;
    const codecs = compressionCodecs(zlib);
    const { keyDeserializer = null, valueDeserializer = null } = config;
    const consumer: Consumer<K, V> = new Consumer<K, V>({
      cluster: this.#cluster,
      coordinators: this.#coordinators,
      metadataMaxAgeMs: this.#config.metadataMaxAgeMs,
      retryBackoff: { initialMs: this.#config.retryBackoffMs, maxMs: this.#config.retryBackoffMaxMs },
      config: resolveConsumerConfig({ ...this.#defaults?.consumer, ...given(config) }),
      deserializers: { key: keyDeserializer, value: valueDeserializer },
      requestTimeoutMs: this.#config.requestTimeoutMs,
      defaultApiTimeoutMs: this.#config.defaultApiTimeoutMs,
      crc32: zlib.crc32?.bind(zlib),
      decompress: (batch) =>
        batch.decompress(codecs.forReading(batch.compressionType), MAX_DECOMPRESSED_BATCH),
      logger: this.#logger,
      onClose: () => this.#open.delete(consumer),
    });
    this.#open.add(consumer);
    return consumer;
  }

  /** Makes an admin client. */
  admin(): Admin {
    this.#checkOpen();
    const admin: Admin = new Admin({
      cluster: this.#cluster,
      requestTimeoutMs: this.#config.requestTimeoutMs,
      defaultApiTimeoutMs: this.#config.defaultApiTimeoutMs,
      onClose: () => this.#open.delete(admin),
    });
    this.#open.add(admin);
    return admin;
  }

  /**
   * Closes everything that it made and that is still open, flushing producers, and then all connections. Further
   * calls wait for the first.
   *
   * @param options.timeoutMs Longest wait in milliseconds. Default: that of each, `deliveryTimeoutMs` of producers
   * and `defaultApiTimeoutMs` of admin clients.
   */
  close(options: CloseOptions = {}): Promise<void> {
    this.#closing ??= this.#close(options);
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(options: CloseOptions): Promise<void> {
    const { clock, observability } = this.#cluster;
    const { waits } = observability;
    const late = new ClosedError("client");
    try {
      const each = Promise.all([...this.#open].map((opened) => opened.close(options)));
      // One that was being closed already may have more time than there is now.
      const closed =
        options.timeoutMs === undefined
          ? each
          : within(clock, each, new Deadline(clock, options.timeoutMs), undefined, () => late);
      await waits.during(closed, "the client's producers and consumers to be closed");
    } catch (error) {
      if (error !== late) throw error;
    } finally {
      this.#cluster.close();
      waits.stop();
    }
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new ClosedError("client");
  }
}
