import type { Listen } from "./listener.ts";

/** Stands in where no runtime is known that takes connections. */
export const listen: Listen = async () => {
  throw new Error('This runtime takes no TCP connections: start the cluster with network: "memory"');
};
