import { Refusal } from "../error-code.ts";

const LONGEST_NAME = 249;

/** @throws Refusal INVALID_TOPIC_EXCEPTION with Kafka's words. */
export function checkTopicName(name: string): void {
  const problem = problemWith(name);
  if (problem !== null) throw new Refusal("INVALID_TOPIC_EXCEPTION", `Topic name is invalid: ${problem}`);
}

function problemWith(name: string): string | null {
  if (name === "") return "the empty string is not allowed";
  if (name === "." || name === "..") return "'.' or '..' is not allowed";
  if (name.length > LONGEST_NAME) {
    return `the length of '${name}' is longer than the max allowed length ${LONGEST_NAME}`;
  }
  if (!/^[a-zA-Z0-9._-]+$/.test(name)) {
    return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`;
  }
  return null;
}

/** Whether two names would be the same metric: Kafka allows only one of them. */
export function collide(a: string, b: string): boolean {
  return a !== b && a.replaceAll(".", "_") === b.replaceAll(".", "_");
}
