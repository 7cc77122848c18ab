/**
 * What a program pays that bundles the package: the bytes of what is loaded at once, which is the entry point and
 * all that it imports by `import`, minified and compressed. What is loaded by `import()` when it is needed, such as
 * SASL, counts by itself. `npm run size` says where it all goes.
 */

import { isBuiltin } from "node:module";
import { beforeAll, describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { type Bundle, bundle, protocolParts, wholeClient, wholeProtocol } from "../../scripts/size/bundle.ts";
import { withPackage } from "../../scripts/size/package-directory.ts";

const KIB = 1024;

describe("the package in a bundle", () => {
  let protocol: Bundle;
  let parts: Bundle[];
  let client: Bundle;

  beforeAll(async () => {
    await withPackage(async (directory) => {
      protocol = await bundle(directory, wholeProtocol);
      parts = await Promise.all(protocolParts.map((part) => bundle(directory, part)));
      client = await bundle(directory, wholeClient);
    });
  }, 120_000);

  it("has kafkawire/protocol, every schema and the inspector, in less than 40 KiB", () => {
    expect(protocol.gzipped).toBeLessThan(40 * KIB);
  });

  it("has nothing of a runtime in kafkawire/protocol", () => {
    expect(protocol.imports).toEqual([]);
    expect(protocol.files.filter(({ path }) => path.includes("node_modules"))).toEqual([]);
  });

  it("leaves out what is not imported of kafkawire/protocol", () => {
    const sizes = [...parts.map(({ gzipped }) => gzipped), protocol.gzipped];
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
    expect(sizes[0]).toBeLessThan(protocol.gzipped / 2);
  });

  it("has kafkawire, but for SASL, transactions, memberships and its own zstd, in less than 104 KiB", () => {
    expect(client.gzipped).toBeLessThan(104 * KIB);
  });

  it("has what few need in less than 44 KiB more, and loads it when it is needed", () => {
    expect(client.later.gzipped).toBeGreaterThan(0);
    expect(client.later.gzipped).toBeLessThan(44 * KIB);
    const eager = client.files.map(({ path }) => path);
    expect(eager).toContain("dist/client/kafka.js");
    expect(eager).not.toContain("dist/client/sasl/authenticator.js");
    expect(eager).not.toContain("dist/client/producer/transactions/transaction-manager.js");
    expect(eager).not.toContain("dist/client/consumer/group/classic-membership.js");
    expect(eager).not.toContain("dist/compression/zstd-in-typescript.js");
  });

  it("imports nothing but its dependencies and a runtime's own modules", () => {
    const dependencies = Object.keys(manifest.dependencies);
    expect(client.imports.filter((path) => !isBuiltin(path) && !dependencies.includes(path))).toEqual([]);
  });
});
