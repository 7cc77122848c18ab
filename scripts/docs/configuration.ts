/**
 * `docs/configuration.md`, made from the tables of settings and from the docstrings of their types. What each says
 * of a default is held against the other.
 */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { CONSUMER_SETTINGS } from "../../src/client/config/consumer-config.ts";
import { KAFKA_SETTINGS } from "../../src/client/config/kafka-config.ts";
import { INSTEAD, LIBRDKAFKA, MISSING, ONLY, WITHOUT_EFFECT } from "../../src/client/config/kafka-keys.ts";
import { PRODUCER_SETTINGS } from "../../src/client/config/producer-config.ts";
import { dottedKey, type Setting } from "../../src/client/config/setting.ts";
import { type PropertyDoc, propertyDocs } from "./docstrings.ts";
import { markdownTable } from "./markdown-table.ts";

interface Section {
  readonly heading: string;
  readonly file: string;
  readonly interfaceName: string;
  readonly settings: { readonly [name: string]: Setting };
}

const SECTIONS: readonly Section[] = [
  {
    heading: "new Kafka({ ... })",
    file: "kafka-config.ts",
    interfaceName: "KafkaConfig",
    settings: KAFKA_SETTINGS,
  },
  {
    heading: "kafka.producer({ ... })",
    file: "producer-config.ts",
    interfaceName: "ProducerConfig",
    settings: PRODUCER_SETTINGS,
  },
  {
    heading: "kafka.consumer({ ... })",
    file: "consumer-config.ts",
    interfaceName: "ConsumerConfig",
    settings: CONSUMER_SETTINGS,
  },
];

const INTRODUCTION = `# Configuration

<!-- Made from the tables and docstrings in src/client/config: UPDATE_DOCS=1 npx vitest run --project unit test/house/configuration-doc.test.ts -->

Settings carry Kafka's names in camel case and, but where it says so, Kafka's defaults. Durations are milliseconds, sizes bytes. Each is checked when the object is made; anything that is not listed is an error that suggests the nearest name. What is marked secret never shows in a message.`;

/** The whole document. */
export async function configurationDocument(): Promise<string> {
  const sections = await Promise.all(
    SECTIONS.map(async (section) => `## \`${section.heading}\`\n\n${await table(section)}`),
  );
  return `${[INTRODUCTION, ...sections, properties()].join("\n\n")}\n`;
}

async function table({ file, interfaceName, settings }: Section): Promise<string> {
  const path = fileURLToPath(new URL(`../../src/client/config/${file}`, import.meta.url));
  const docs = propertyDocs(await readFile(path, "utf8"), interfaceName);
  const rows = Object.entries(settings).map(([name, setting], i) => {
    const doc = docs[i];
    if (doc?.name !== name) throw new Error(`${interfaceName} and its table differ in order at ${name}`);
    const key = dottedKey(name, setting);
    const marks = [doc.meaning, ...(setting.secret ? ["Secret"] : [])].join(". ");
    return [
      `\`${name}\``,
      key === null ? "" : `\`${key}\``,
      defaultOf(setting, doc),
      valuesOf(setting),
      marks,
    ];
  });
  return markdownTable(["setting", "Kafka's key", "default", "value", "meaning"], rows);
}

/** The table's default, which the docstring has to repeat; without one, what the docstring says instead. */
function defaultOf(setting: Setting, doc: PropertyDoc): string {
  const inTable = setting.default === undefined ? null : `\`${JSON.stringify(setting.default)}\``;
  if (inTable !== null && doc.default !== inTable) {
    throw new Error(`The docstring of ${doc.name} must end with "Default: ${inTable}."`);
  }
  if (inTable === null && doc.default?.startsWith("`")) {
    throw new Error(`The docstring of ${doc.name} names a default that the table does not have`);
  }
  return doc.default ?? "none";
}

/** In the words of the check itself: nothing passes it that is of no type at all. */
function valuesOf({ kind }: Setting): string {
  const problem = kind.problem(Symbol("no value")) ?? "";
  return problem.replace(/^must (be )?(one of )?/, "");
}

const code = (text: string): string => `\`${text}\``;
const listed = (keys: readonly string[]): string => keys.toSorted().map(code).join(", ");

/** What `Kafka.fromProperties` makes of keys that are no settings. */
function properties(): string {
  const only = Object.entries(ONLY).map(([key, values]) => [
    code(key),
    values
      .split("|")
      .map((value) => code(JSON.stringify(value)))
      .join(", "),
    INSTEAD[key] ?? "",
  ]);
  const instead = MISSING.filter((key) => key in INSTEAD).map((key) => [code(key), INSTEAD[key] ?? ""]);
  const others = Object.entries(LIBRDKAFKA).map(([theirs, kafkas]) => [code(theirs), code(kafkas)]);
  return `## \`Kafka.fromProperties(properties, { ... })\`

Takes Kafka's own keys, as an object (\`{ "bootstrap.servers": "localhost:9092", "acks": "all" }\`) or as the text of a \`.properties\` file, and reads values as Kafka does. The keys are those above. Producers and consumers start from what is there for them; settings that they are given in code count for more. The second argument has settings of \`new Kafka\` that count for more than the properties, such as a \`logger\` or callbacks for credentials.

\`sasl.jaas.config\` takes Kafka's \`PlainLoginModule\`, \`ScramLoginModule\` (with \`tokenauth\`) and \`OAuthBearerLoginModule\`. \`sasl.username\` and \`sasl.password\`, which librdkafka has instead, are taken too. PEM may stand on one line.

Keys that have no effect here are named to the logger at level \`info\`: ${listed(WITHOUT_EFFECT)}.

These can only ask for what is done anyway; any other value is an error:

${markdownTable(["key", "value", "otherwise"], only)}

These are not supported, and an error: ${listed(MISSING.filter((key) => !(key in INSTEAD)))}; and those for which there is something else:

${markdownTable(["key", "instead"], instead)}

For these names of librdkafka the error says which is Kafka's:

${markdownTable(["librdkafka's", "Kafka's"], others)}`;
}
