/** From the options of a cluster to its data directory. */

import { storage } from "#storage";
import type { TestClusterOptions } from "../cluster-options.ts";
import { DataDirectory } from "./data-directory.ts";
import type { KeptCluster } from "./kept-cluster.ts";

/** @throws Error when the directory cannot be used. */
export function openData({ dataDirectory }: TestClusterOptions): DataDirectory | null {
  if (dataDirectory === undefined) return null;
  if (storage === null) throw new Error("This runtime has no files: leave dataDirectory out");
  return new DataDirectory(dataDirectory, storage);
}

/** Leaves the directory to others where nothing comes of it. */
export function made<T>(make: () => T, data: DataDirectory | null): T {
  try {
    return make();
  } catch (error) {
    data?.close();
    throw error;
  }
}

/** @throws RangeError when what is asked for does not go with what is there. */
export function checkKept(
  kept: KeptCluster | null,
  brokers: number,
  { clusterId }: TestClusterOptions,
): void {
  if (kept === null) return;
  if (brokers < kept.brokers) {
    throw new RangeError(`The data directory is of ${kept.brokers} brokers, and ${brokers} are asked for`);
  }
  if (clusterId !== undefined && clusterId !== kept.clusterId) {
    throw new RangeError(`The data directory is of the cluster ${kept.clusterId}, and not of ${clusterId}`);
  }
}
