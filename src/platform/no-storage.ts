import type { Storage } from "./storage.ts";

/** Stands in where no runtime is known that has files. */
export const storage: Storage | null = null;
