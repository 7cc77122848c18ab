/** Files in Node.js, Deno and Bun. */

import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import type { GrowingFile, Storage } from "./storage.ts";

export const storage: Storage | null = {
  within: (directory, ...names) => join(directory, ...names),
  absolute: (path) => resolve(path),
  makeDirectory: (path) => void mkdirSync(path, { recursive: true }),
  list: (path) => orNull(() => readdirSync(path)) ?? [],
  read: (path) => orNull(() => readFileSync(path)),
  writtenMs: (path) => statSync(path).mtimeMs,
  replace: (path, bytes, { flush = false } = {}) => {
    const unfinished = `${path}.tmp`;
    writeFileSync(unfinished, bytes);
    if (flush) flushed(unfinished);
    renameSync(unfinished, path);
  },
  grow,
  truncate: (path, size) => truncateSync(path, size),
  rename: (from, to) => renameSync(from, to),
  remove: (path) => rmSync(path, { recursive: true, force: true }),
  lock,
};

function orNull<T>(look: () => T): T | null {
  try {
    return look();
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === "ENOENT") return null;
    throw error;
  }
}

function grow(path: string): GrowingFile {
  const file = openSync(path, "a");
  return {
    write: (bytes) => {
      // A disk that is nearly full takes a part, and says so with the next one.
      for (let at = 0; at < bytes.byteLength; ) at += writeSync(file, bytes, at, bytes.byteLength - at);
    },
    flush: () => fsyncSync(file),
    close: () => closeSync(file),
  };
}

function flushed(path: string): void {
  const file = openSync(path, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Who this is: a process id alone may be that of another process after a while, in a container even soon. */
function identity(): string {
  return `${process.pid} ${Math.round(performance.timeOrigin)}\n`;
}

function lock(path: string): () => void {
  for (;;) {
    try {
      writeFileSync(path, identity(), { flag: "wx" });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if ((error as { readonly code?: unknown }).code !== "EEXIST") throw error;
    }
    const holder = orNull(() => readFileSync(path, "utf8"));
    if (holder !== null && isAlive(holder)) {
      const pid = holder.split(" ")[0];
      throw new Error(
        `Process ${pid} uses ${path.replace(/[/\\][^/\\]*$/, "")}. If that is no broker any more, delete ${path}.`,
      );
    }
    rmSync(path, { force: true });
  }
}

function isAlive(holder: string): boolean {
  const pid = Number(holder.split(" ")[0]);
  if (pid === process.pid) return holder === identity();
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // One that may not be asked is there all the same.
    return (error as { readonly code?: unknown }).code === "EPERM";
  }
}
