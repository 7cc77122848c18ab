#!/usr/bin/env node
/** The command `kafkawire`: which of its commands is meant. */

import process from "node:process";
import { broker } from "./broker/broker.ts";
import type { Command } from "./command.ts";

const commands: ReadonlyMap<string, Command> = new Map([["broker", broker]]);

function usage(): string {
  const width = Math.max(...Array.from(commands.keys(), ({ length }) => length));
  const lines = Array.from(commands, ([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return [
    "Usage: kafkawire COMMAND [OPTION]...",
    "",
    ...lines,
    "",
    "kafkawire COMMAND --help says more.",
  ].join("\n");
}

const [name = "--help", ...args] = process.argv.slice(2);
const command = commands.get(name);
if (command !== undefined) process.exitCode = await command.run(args);
else {
  const isHelp = name === "--help" || name === "-h" || name === "help";
  if (isHelp) console.log(usage());
  else console.error(`There is no command "${name}".\n\n${usage()}`);
  process.exitCode = isHelp ? 0 : 2;
}
