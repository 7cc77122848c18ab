/**
 * Keys that Kafka's Java clients have and that are no settings here. Each of them is in one of these lists, so that
 * properties never mean something else than they do to Kafka, and nobody has to guess.
 */

const words = (text: string): readonly string[] => text.split(" ");

/** They tune what is not there, or what the runtime does by itself: whatever they say, no outcome is another one. */
export const WITHOUT_EFFECT: readonly string[] = words(
  "auto.include.jmx.reporter metric.reporters metrics.num.samples metrics.recording.level " +
    "metrics.sample.window.ms enable.metrics.push security.providers receive.buffer.bytes send.buffer.bytes " +
    "ssl.provider ssl.keymanager.algorithm ssl.trustmanager.algorithm ssl.secure.random.implementation " +
    "sasl.kerberos.kinit.cmd sasl.kerberos.min.time.before.relogin sasl.kerberos.service.name " +
    "sasl.kerberos.ticket.renew.jitter sasl.kerberos.ticket.renew.window.factor sasl.login.connect.timeout.ms " +
    "sasl.login.read.timeout.ms sasl.oauthbearer.jwks.endpoint.refresh.ms " +
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms sasl.oauthbearer.jwks.endpoint.retry.backoff.ms " +
    "sasl.oauthbearer.jwks.endpoint.url sasl.oauthbearer.jwt.validator.class sasl.oauthbearer.expected.audience " +
    "sasl.oauthbearer.expected.issuer sasl.oauthbearer.allow.unverified.audience " +
    "sasl.oauthbearer.allow.unverified.issuer sasl.oauthbearer.clock.skew.seconds " +
    "sasl.oauthbearer.scope.claim.name sasl.oauthbearer.sub.claim.name compression.lz4.level " +
    "buffer.memory.allocation.strategy metadata.max.idle.ms metadata.cluster.check.enable " +
    "bootstrap.resolve.timeout.ms share.acknowledgement.mode share.acquire.mode " +
    "internal.throw.on.fetch.stable.offset.unsupported",
);

/** What is always done here, as values with bars between; classes go by their short names. */
export const ONLY: { readonly [key: string]: string } = {
  "client.dns.lookup": "use_all_dns_ips",
  "config.providers": "",
  "exclude.internal.topics": "true",
  "interceptor.classes": "",
  "key.deserializer": "ByteArrayDeserializer|ByteBufferDeserializer|BytesDeserializer",
  "value.deserializer": "ByteArrayDeserializer|ByteBufferDeserializer|BytesDeserializer",
  "partitioner.rack.aware": "false",
  "sasl.login.callback.handler.class": "OAuthBearerLoginCallbackHandler",
  "sasl.oauthbearer.jwt.retriever.class": "DefaultJwtRetriever|ClientCredentialsJwtRetriever",
  "ssl.cipher.suites": "",
  "ssl.enabled.protocols": "TLSv1.2,TLSv1.3|TLSv1.3,TLSv1.2",
  "ssl.protocol": "TLSv1.3|TLS",
  "ssl.keystore.type": "PEM",
  "ssl.truststore.type": "PEM",
  "transaction.two.phase.commit.enable": "false",
};

/** What is not there: with any value they are an error. */
export const MISSING: readonly string[] = words(
  "bootstrap.controllers metadata.recovery.rebootstrap.trigger.ms " +
    "sasl.client.callback.handler.class sasl.login.class " +
    "sasl.oauthbearer.assertion.algorithm sasl.oauthbearer.assertion.claim.aud " +
    "sasl.oauthbearer.assertion.claim.exp.seconds sasl.oauthbearer.assertion.claim.iss " +
    "sasl.oauthbearer.assertion.claim.jti.include sasl.oauthbearer.assertion.claim.nbf.seconds " +
    "sasl.oauthbearer.assertion.claim.sub sasl.oauthbearer.assertion.file " +
    "sasl.oauthbearer.assertion.private.key.file sasl.oauthbearer.assertion.private.key.passphrase " +
    "sasl.oauthbearer.assertion.template.file ssl.engine.factory.class " +
    "ssl.keystore.location ssl.keystore.password ssl.truststore.location ssl.truststore.password",
);

const IN_CODE = "so that the type of what is read stands in the program";
const CALLBACK = "give saslCredentials or saslOauthbearerToken beside the properties";
const TRUSTSTORE =
  "no files are read here: give the text of the PEM file, or of `keytool -list -rfc -keystore FILE` where it is " +
  "JKS or PKCS12, as ssl.truststore.certificates";
const KEYSTORE =
  "no files are read here: give ssl.keystore.certificate.chain and ssl.keystore.key as PEM, which " +
  "`openssl pkcs12 -in FILE` prints of PKCS12; `keytool -importkeystore -srckeystore JKS -destkeystore FILE " +
  "-deststoretype PKCS12` makes that of JKS";

/** What to do instead. */
export const INSTEAD: { readonly [key: string]: string } = {
  "key.deserializer": `leave it out, and give keyDeserializer to kafka.consumer, such as string(), ${IN_CODE}`,
  "value.deserializer": `leave it out, and give valueDeserializer to kafka.consumer, such as string(), ${IN_CODE}`,
  "sasl.client.callback.handler.class": CALLBACK,
  "sasl.login.callback.handler.class": CALLBACK,
  "sasl.login.class": CALLBACK,
  "ssl.keystore.location": KEYSTORE,
  "ssl.keystore.password": KEYSTORE,
  "ssl.keystore.type": KEYSTORE,
  "ssl.truststore.location": TRUSTSTORE,
  "ssl.truststore.password": TRUSTSTORE,
  "ssl.truststore.type": TRUSTSTORE,
};

/** Names that librdkafka has for the same. */
export const LIBRDKAFKA: { readonly [key: string]: string } = {
  "metadata.broker.list": "bootstrap.servers",
  "sasl.mechanisms": "sasl.mechanism",
  "ssl.ca.pem": "ssl.truststore.certificates",
  "ssl.ca.location": "ssl.truststore.certificates",
  "ssl.certificate.pem": "ssl.keystore.certificate.chain",
  "ssl.certificate.location": "ssl.keystore.certificate.chain",
  "ssl.key.pem": "ssl.keystore.key",
  "ssl.key.location": "ssl.keystore.key",
  "sasl.oauthbearer.client.id": "sasl.oauthbearer.client.credentials.client.id",
  "sasl.oauthbearer.client.secret": "sasl.oauthbearer.client.credentials.client.secret",
  "compression.codec": "compression.type",
  "request.required.acks": "acks",
  "queue.buffering.max.ms": "linger.ms",
  "message.timeout.ms": "delivery.timeout.ms",
  "message.max.bytes": "max.request.size",
  "message.send.max.retries": "retries",
  partitioner: "partitioner.class",
  "fetch.wait.max.ms": "fetch.max.wait.ms",
  "fetch.message.max.bytes": "max.partition.fetch.bytes",
  "socket.timeout.ms": "request.timeout.ms",
  "topic.metadata.refresh.interval.ms": "metadata.max.age.ms",
};
