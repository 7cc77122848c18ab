import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Everything that outlives a command lives here, outside the repository. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const xdg = env["XDG_CACHE_HOME"];
  return join(xdg !== undefined && xdg !== "" ? xdg : join(homedir(), ".cache"), "kafkawire");
}

/** A file that lies beside this one. */
export function besideScripts(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}
