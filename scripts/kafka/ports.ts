import { createServer, type Server } from "node:net";
import { errorCode, KafkaRunnerError } from "./errors.ts";

/**
 * Ports are taken from below the range from which systems pick the local ports of outgoing connections
 * (32768 and up on Linux, 49152 and up elsewhere). A broker that is stopped and started again must find its
 * port free; from the system's range, some client's outgoing connection may sit on it meanwhile, even one to
 * the port itself, which then connects to itself.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const ATTEMPTS_PER_PORT = 100;

/**
 * Distinct ports that nobody listens on at this moment. Another process may still take one before the broker
 * binds it: the caller starts again with others then.
 */
export async function chooseFreePorts(count: number, host: string): Promise<number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  try {
    // All are held until all are chosen, so that none is chosen twice.
    for (let attempts = 0; ports.length < count; attempts++) {
      if (attempts > count * ATTEMPTS_PER_PORT) {
        throw new KafkaRunnerError(
          `no free ports between ${LOWEST} and ${HIGHEST} on ${host}: stop what listens there`,
        );
      }
      const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
      const server = await tryListen(port, host);
      if (server === undefined) continue;
      held.push(server);
      ports.push(port);
    }
    return ports;
  } finally {
    await Promise.all(held.map((server) => new Promise((resolve) => server.close(resolve))));
  }
}

function tryListen(port: number, host: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => {
      const code = errorCode(error);
      if (code === "EADDRINUSE" || code === "EACCES") resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}
