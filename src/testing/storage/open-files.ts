/**
 * The files that are written to, as many of them open as a process may well have. What was written reaches the disk
 * itself when they are closed altogether.
 */

import type { GrowingFile, Storage } from "../../platform/storage.ts";

const MOST_OPEN = 200;

export class OpenFiles {
  readonly #storage: Storage;
  /** By path, the one that was used longest ago first. */
  readonly #open = new Map<string, GrowingFile>();
  /** Written to since they were flushed, open or not. */
  readonly #unflushed = new Set<string>();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /** Adds bytes at the end of a file, which is made where there is none. */
  append(path: string, bytes: Uint8Array): void {
    let file = this.#open.get(path);
    if (file === undefined) {
      file = this.#storage.grow(path);
      this.#closeOldest();
    } else this.#open.delete(path);
    this.#open.set(path, file);
    this.#unflushed.add(path);
    file.write(bytes);
  }

  /** Closes a file, which goes or is replaced. */
  forget(path: string): void {
    this.#unflushed.delete(path);
    this.#open.get(path)?.close();
    this.#open.delete(path);
  }

  /** Has all that was written reach the disk, and closes everything. */
  close(): void {
    for (const path of this.#unflushed) {
      const file = this.#open.get(path) ?? this.#storage.grow(path);
      file.flush();
      file.close();
      this.#open.delete(path);
    }
    for (const file of this.#open.values()) file.close();
    this.#open.clear();
    this.#unflushed.clear();
  }

  #closeOldest(): void {
    if (this.#open.size < MOST_OPEN) return;
    for (const [path, file] of this.#open) {
      file.close();
      this.#open.delete(path);
      return;
    }
  }
}
