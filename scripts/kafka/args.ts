import { SECURITIES, type Security } from "./config.ts";
import { UsageError } from "./errors.ts";
import { nearest } from "./suggest.ts";
import { checkKafkaVersion, DEFAULT_KAFKA_VERSION } from "./versions.ts";

export interface UpOptions {
  readonly name: string;
  readonly kafkaVersion: string;
  readonly brokers: number;
  readonly security: Security;
  readonly autoCreateTopics: boolean;
  readonly properties: Readonly<Record<string, string>>;
  readonly foreground: boolean;
}

export type Command =
  | { readonly command: "up"; readonly options: UpOptions }
  | { readonly command: "down"; readonly name: string | undefined; readonly all: boolean }
  | { readonly command: "status"; readonly json: boolean }
  | { readonly command: "help" };

export const HELP = `Real Apache Kafka clusters on this machine, from the jars that Kafka publishes.

npm run kafka -- up      start a cluster in the background and print its address
    --kafka-version V    ${DEFAULT_KAFKA_VERSION} by default; fetched once, through Maven; 3.9 and later, and
                         2.1 to 2.8 with a ZooKeeper beside them
    --brokers N          1 (default) or 3; each is broker and controller
    --security S         plaintext (default), sasl_plaintext or sasl_ssl
    --name NAME          by default made from the version, the brokers and the security
    --auto-create-topics true|false
                         false by default, unlike Kafka's own
    --property KEY=VALUE a broker property more; may be repeated
    --foreground         run until Ctrl-C
npm run kafka -- down    stop a cluster and delete its data
    --name NAME          needed when several are up
    --all                all of them
npm run kafka -- status  what is up, and how to reach it
    --json               the same for programs

Needs Java 17 or later and Maven; sasl_ssl needs openssl too.
`;

/** Whether an option takes a value, per command. */
const OPTIONS: Readonly<Record<string, Readonly<Record<string, "value" | "flag">>>> = {
  up: {
    "--kafka-version": "value",
    "--brokers": "value",
    "--security": "value",
    "--name": "value",
    "--auto-create-topics": "value",
    "--property": "value",
    "--foreground": "flag",
  },
  down: { "--name": "value", "--all": "flag" },
  status: { "--json": "flag" },
};

/** Reads the command line, without the program's own name. Throws UsageError. */
export function parseArguments(args: readonly string[]): Command {
  const [command, ...rest] = args;
  if (command === undefined || command === "help" || args.includes("--help") || args.includes("-h")) {
    return { command: "help" };
  }
  const known = OPTIONS[command];
  if (known === undefined) {
    throw new UsageError(
      `unknown command "${command}"${didYouMean(command, Object.keys(OPTIONS))}: use up, down or status`,
    );
  }
  const given = readOptions(command, known, rest);
  if (command === "status") return { command, json: given.has("--json") };
  if (command === "down") {
    const name = last(given, "--name");
    const all = given.has("--all");
    if (all && name !== undefined) throw new UsageError("down takes either --name or --all, not both");
    return { command, name: name === undefined ? undefined : checkName(name), all };
  }
  return { command: "up", options: upOptions(given) };
}

function readOptions(
  command: string,
  known: Readonly<Record<string, "value" | "flag">>,
  args: readonly string[],
): Map<string, string[]> {
  const given = new Map<string, string[]>();
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? "";
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
    const option = equals < 0 ? arg : arg.slice(0, equals);
    const kind = known[option];
    if (kind === undefined) {
      throw new UsageError(`${command} has no option "${option}"${didYouMean(option, Object.keys(known))}`);
    }
    let value = equals < 0 ? undefined : arg.slice(equals + 1);
    if (kind === "flag" && value !== undefined) throw new UsageError(`${option} takes no value`);
    if (kind === "value" && value === undefined) {
      i++;
      value = args[i];
      if (value === undefined || value.startsWith("--")) throw new UsageError(`${option} needs a value`);
    }
    given.set(option, [...(given.get(option) ?? []), value ?? ""]);
  }
  return given;
}

function upOptions(given: ReadonlyMap<string, readonly string[]>): UpOptions {
  const kafkaVersion = checkKafkaVersion(last(given, "--kafka-version") ?? DEFAULT_KAFKA_VERSION);
  const brokers = Number(oneOf(given, "--brokers", ["1", "3"]));
  const security = oneOf(given, "--security", SECURITIES);
  const name = last(given, "--name") ?? defaultName(kafkaVersion, brokers, security);
  return {
    name: checkName(name),
    kafkaVersion,
    brokers,
    security,
    autoCreateTopics: oneOf(given, "--auto-create-topics", ["false", "true"]) === "true",
    properties: Object.fromEntries((given.get("--property") ?? []).map(readProperty)),
    foreground: given.has("--foreground"),
  };
}

/** For example `4.4.0-x3-sasl_ssl`. */
export function defaultName(kafkaVersion: string, brokers: number, security: Security): string {
  return `${kafkaVersion}-x${brokers}${security === "plaintext" ? "" : `-${security}`}`;
}

/** The option's value, which must be one of these; the first is the default. */
function oneOf<const T extends string>(
  given: ReadonlyMap<string, readonly string[]>,
  option: string,
  values: readonly [T, ...T[]],
): T {
  const value = last(given, option);
  if (value === undefined) return values[0];
  const match = values.find((candidate) => candidate === value);
  if (match === undefined) {
    throw new UsageError(
      `${option} cannot be "${value}"${didYouMean(value, values)}: use ${values.join(" or ")}`,
    );
  }
  return match;
}

function readProperty(text: string): [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw new UsageError(`--property "${text}" is not of the form KEY=VALUE`);
  return [text.slice(0, equals).trim(), text.slice(equals + 1).trim()];
}

/** A name is a directory's name too. */
function checkName(name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw new UsageError(
      `"${name}" cannot name a cluster: use up to 64 letters, digits, dots, dashes and underscores, with a letter or digit first`,
    );
  }
  return name;
}

function last(given: ReadonlyMap<string, readonly string[]>, option: string): string | undefined {
  return given.get(option)?.at(-1);
}

function didYouMean(word: string, candidates: readonly string[]): string {
  const near = nearest(word, candidates);
  return near === undefined ? "" : ` (did you mean ${near}?)`;
}
