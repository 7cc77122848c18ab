/**
 * What a runtime gives to those who keep files: the embedded broker with a data directory. Everything happens at once,
 * since what is answered has to be written. The client needs none of it.
 */

/** A file that grows. */
export interface GrowingFile {
  /** Adds bytes at the end; when it throws, some of them may be there. */
  write(bytes: Uint8Array): void;
  /** Has what was written reach the disk itself. */
  flush(): void;
  close(): void;
}

/** Files. Whatever cannot be done throws the system's error. */
export interface Storage {
  /** The path of something within a directory. */
  within(directory: string, ...names: readonly string[]): string;
  /** The path from the root. */
  absolute(path: string): string;
  /** Makes a directory, with those above it; one that is there stays. */
  makeDirectory(path: string): void;
  /** Names of what is in a directory; none where there is no such directory. */
  list(path: string): string[];
  /** A whole file; null where there is none. */
  read(path: string): Uint8Array | null;
  /** When a file was written last, in milliseconds since the epoch. */
  writtenMs(path: string): number;
  /**
   * Writes a whole file. Whoever reads it sees what was there before, or all of this.
   *
   * @param options.flush whether that holds when the machine loses its power, too. Default: false.
   */
  replace(path: string, bytes: Uint8Array, options?: { readonly flush?: boolean }): void;
  /** Opens a file to write at its end; makes it where there is none. */
  grow(path: string): GrowingFile;
  /** Cuts a file off. */
  truncate(path: string, size: number): void;
  rename(from: string, to: string): void;
  /** Removes a file, or a directory with all that is in it; nothing where there is none. */
  remove(path: string): void;
  /**
   * Keeps other processes off with a file, and returns what ends that. The lock of a process that is gone counts for
   * nothing.
   *
   * @throws Error when another process, or this one, has it.
   */
  lock(path: string): () => void;
}
