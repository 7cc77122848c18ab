import { ConfigError } from "../errors.ts";
import { CONSUMER_SETTINGS, type ConsumerConfig } from "./consumer-config.ts";
import { parseJaasConfig } from "./jaas.ts";
import { KAFKA_SETTINGS, type KafkaConfig } from "./kafka-config.ts";
import { INSTEAD, LIBRDKAFKA, MISSING, ONLY, WITHOUT_EFFECT } from "./kafka-keys.ts";
import { nearestName } from "./nearest-name.ts";
import { PRODUCER_SETTINGS, type ProducerConfig } from "./producer-config.ts";
import { parseProperties } from "./properties-text.ts";
import { problemOf } from "./resolve.ts";
import { dottedKey, type Setting } from "./setting.ts";

/**
 * Settings under Kafka's dotted keys: as an object, whose values are texts or of the setting's own type, or as text
 * in Java's `.properties` format.
 */
export type KafkaProperties = string | { readonly [key: string]: unknown };

/** What properties say, for each of the objects that take settings. */
export interface ConfigsFromProperties {
  readonly kafka: Partial<KafkaConfig>;
  readonly producer: ProducerConfig;
  readonly consumer: ConsumerConfig;
  /** Keys of Kafka that change nothing here. */
  readonly ignored: readonly string[];
}

type Values = { [name: string]: unknown };

const TABLES: { readonly [owner: string]: { readonly [name: string]: Setting } } = {
  kafka: KAFKA_SETTINGS,
  producer: PRODUCER_SETTINGS,
  consumer: CONSUMER_SETTINGS,
};

const JAAS = "sasl.jaas.config";

/** @throws ConfigError naming the first key that is wrong, and what to do about it. */
export function configsFromProperties(properties: KafkaProperties): ConfigsFromProperties {
  const configs: { [owner: string]: Values } = { kafka: {}, producer: {}, consumer: {} };
  const rows = Object.entries(TABLES).flatMap(([owner, table]) =>
    Object.entries(table).map(([name, row]) => ({ owner, name, row, key: dottedKey(name, row) })),
  );
  const entries = typeof properties === "string" ? parseProperties(properties) : Object.entries(properties);
  const ignored: string[] = [];
  let login: Values = {};
  for (const [key, given] of entries) {
    if (given === undefined || given === null) continue;
    const value = typeof given === "string" ? given.trim() : given;
    const found = rows.filter((row) => row.key === key && row.row.kind.parse);
    for (const { owner, name, row } of found) {
      const parsed = typeof value === "string" ? row.kind.parse?.(value) : value;
      const problem = problemOf(key, row, parsed);
      if (problem !== null) throw new ConfigError(problem);
      (configs[owner] as Values)[name] = parsed;
    }
    if (found.length > 0) continue;
    if (key === JAAS) login = loginOf(String(value));
    else if (WITHOUT_EFFECT.includes(key)) ignored.push(key);
    else if (!isDoneAnyway(key, value)) throw unsupported(key, [...rows.map((row) => row.key ?? "")]);
  }
  // As in Kafka: a key of its own counts for more than an option of the login module.
  return {
    ...configs,
    kafka: { ...login, ...configs["kafka"] },
    ignored,
  } as unknown as ConfigsFromProperties;
}

function isDoneAnyway(key: string, value: unknown): boolean {
  if (!Object.hasOwn(ONLY, key)) return false;
  const plain = (text: string): string => text.replace(/\s|^.*\.(?=[A-Z]\w*$)/g, "").toLowerCase();
  return (ONLY[key] as string).split("|").some((each) => plain(each) === plain(String(value)));
}

function unsupported(key: string, settings: readonly string[]): ConfigError {
  const instead = Object.hasOwn(INSTEAD, key) ? INSTEAD[key] : "leave it out";
  if (Object.hasOwn(ONLY, key)) {
    const values = (ONLY[key] as string).split("|").map((value) => JSON.stringify(value));
    return new ConfigError(`${key} can only be ${values.join(" or ")} in kafkawire: ${instead}`);
  }
  if (MISSING.includes(key)) return new ConfigError(`${key} is not supported by kafkawire yet: ${instead}`);
  if (Object.hasOwn(LIBRDKAFKA, key)) {
    return new ConfigError(`${key} is a key of librdkafka: use Kafka's own, ${LIBRDKAFKA[key]}`);
  }
  const nearest = nearestName(key, [...settings, JAAS, ...Object.keys(ONLY), ...MISSING, ...WITHOUT_EFFECT]);
  return new ConfigError(
    `${key} is not a key of Kafka's clients${nearest === null ? "" : `: did you mean ${nearest}?`}`,
  );
}

/** The settings that a login module's options stand for. */
function loginOf(config: string): Values {
  const { loginModule, options } = parseJaasConfig(config);
  const [username, password] = [options.get("username"), options.get("password")];
  switch (loginModule.replace(/^.*\./, "")) {
    case "ScramLoginModule":
      if (options.get("tokenauth")?.toLowerCase() === "true") {
        return { saslCredentials: () => ({ username, password, tokenAuth: true }) };
      }
      return { saslUsername: username, saslPassword: password };
    case "PlainLoginModule":
      return { saslUsername: username, saslPassword: password };
    case "OAuthBearerLoginModule":
      return tokenLogin(options);
    default:
      throw new ConfigError(
        `${JAAS} must have the PlainLoginModule, ScramLoginModule or OAuthBearerLoginModule of Kafka; ` +
          "for others, give saslCredentials or saslOauthbearerToken beside the properties",
      );
  }
}

const EXTENSION = "extension_";

function tokenLogin(options: ReadonlyMap<string, string>): Values {
  if ([...options.keys()].some((name) => name.startsWith("unsecuredLogin"))) {
    throw new ConfigError(
      `${JAAS} asks for an unsecured token: give saslOauthbearerToken, a function that makes one, beside the properties`,
    );
  }
  const extensions = [...options]
    .filter(([name]) => name.startsWith(EXTENSION))
    .map(([name, value]) => [name.slice(EXTENSION.length), value]);
  return {
    saslOauthbearerClientCredentialsClientId: options.get("clientId"),
    saslOauthbearerClientCredentialsClientSecret: options.get("clientSecret"),
    saslOauthbearerScope: options.get("scope"),
    ...(extensions.length === 0 ? {} : { saslOauthbearerExtensions: Object.fromEntries(extensions) }),
  };
}
