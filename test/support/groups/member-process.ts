/**
 * Members that live in another process. It takes commands on its stdin and tells on its stdout what its members see, a
 * line each, with tabs between the columns:
 *
 *     join NAME GROUP TOPIC PROTOCOL ASSIGNOR SESSION_MS HEARTBEAT_MS COMMIT_MS      leave NAME
 *     NAME assigned|revoked|lost PARTITION,...      NAME read PARTITION OFFSET NUMBER
 *     NAME failed MESSAGE      NAME gone
 */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { MemberSights } from "./group-log.ts";
import type { GroupMember, GroupMemberOptions, KillableMember } from "./group-member.ts";

const PROGRAM = fileURLToPath(new URL("../../integration/programs/group-member.ts", import.meta.url));
const LEAVE_MS = 40_000;
/** Lines of stderr that are shown of a process that ended. */
const SHOWN_LINES = 20;

export class MemberProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  readonly #members = new Map<string, { readonly log: MemberSights; readonly gone: () => void }>();
  readonly #errors: string[] = [];
  #isEnding = false;

  constructor(command: string, args: readonly string[]) {
    this.#child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    // One that has ended takes no commands, and `exit` says so.
    this.#child.stdin?.on("error", () => {});
    const lines = createInterface({ input: this.#child.stdout as NodeJS.ReadableStream });
    lines.on("line", (line) => this.#hear(line.split("\t")));
    createInterface({ input: this.#child.stderr as NodeJS.ReadableStream }).on("line", (line) => {
      this.#errors.push(line);
      if (this.#errors.length > SHOWN_LINES) this.#errors.shift();
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => this.#errors.push(error.message));
      // All lines have been heard by then.
      this.#child.once("close", (code) => {
        if (!this.#isEnding) this.#failAll(`the process ended with ${code}: ${this.#errors.join("\n")}`);
        resolve();
      });
    });
  }

  /** A process for members that are ours. */
  static ofOurs(bootstrapServers: readonly string[]): MemberProcess {
    return new MemberProcess(process.execPath, ["--import", "tsx", PROGRAM, bootstrapServers.join(",")]);
  }

  /** Has a member join. */
  join(log: MemberSights, options: Omit<GroupMemberOptions, "bootstrapServers">): GroupMember {
    const { name } = log;
    const gone = new Promise<void>((resolve) => this.#members.set(name, { log, gone: resolve }));
    const { groupId, topic, groupProtocol, assignor } = options;
    const { sessionTimeoutMs, heartbeatIntervalMs, autoCommitIntervalMs } = options;
    const times = [sessionTimeoutMs, heartbeatIntervalMs, autoCommitIntervalMs];
    this.#say("join", name, groupId, topic, groupProtocol, assignor, ...times);
    const leave = async (): Promise<void> => {
      this.#say("leave", name);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${name} did not leave`)), LEAVE_MS);
      });
      await Promise.race([gone, late]).finally(() => clearTimeout(timer));
    };
    return { name, leave };
  }

  /** Ends the process and with it all its members, who cannot do anything about it. */
  async kill(): Promise<void> {
    this.#isEnding = true;
    this.#child.kill("SIGKILL");
    await this.#ended;
    for (const { log, gone } of this.#members.values()) {
      log.gone("killed");
      gone();
    }
    this.#members.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  #say(...columns: readonly (string | number)[]): void {
    this.#child.stdin?.write(`${columns.join("\t")}\n`);
  }

  #hear([name = "", what, first = "", ...rest]: readonly string[]): void {
    const member = this.#members.get(name);
    if (member === undefined) return;
    const { log, gone } = member;
    const partitions = first.split(",").filter(Boolean).map(Number);
    if (what === "read") log.read(Number(first), Number(rest[0]), Number(rest[1]));
    else if (what === "assigned") log.assigned(partitions);
    else if (what === "revoked" || what === "lost") log.gaveUp(partitions, what);
    else if (what === "failed") log.failed(first);
    else if (what === "gone") {
      this.#members.delete(name);
      log.gone("revoked");
      gone();
    }
  }

  #failAll(message: string): void {
    for (const { log, gone } of this.#members.values()) {
      log.failed(message);
      log.gone("killed");
      gone();
    }
    this.#members.clear();
  }
}

/** A member of ours with a process of its own. */
export function killableMember(log: MemberSights, options: GroupMemberOptions): KillableMember {
  const own = MemberProcess.ofOurs(options.bootstrapServers);
  const { name, leave } = own.join(log, options);
  return {
    name,
    kill: () => own.kill(),
    leave: async () => {
      await leave();
      await own.kill();
    },
  };
}
