import { readdir, readFile, readlink } from "node:fs/promises";
import { expect, it } from "vitest";
import { startWorld } from "./world.ts";

const LISTENING = "0A";
/** 127.0.0.1 as the kernel writes it. */
const LOOPBACK = "0100007F";

/** Addresses that this process listens on, of both families. */
async function listenedAddresses(): Promise<string[]> {
  const descriptors = await readdir("/proc/self/fd");
  const targets = await Promise.all(descriptors.map((one) => readlink(`/proc/self/fd/${one}`).catch(() => "")));
  const ownInodes = new Set(targets.map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1]));
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((family) => readFile(`/proc/self/net/${family}`, "utf8").catch(() => "")),
  );
  return tables
    .flatMap((table) => table.split("\n").map((line) => line.trim().split(/\s+/)))
    .filter((columns) => columns[3] === LISTENING && ownInodes.has(columns[9]))
    .map((columns) => columns[1]?.split(":")[0] ?? "");
}

it.runIf(process.platform === "linux")("nothing listens but the gateway, on 127.0.0.1 alone", async () => {
  const world = await startWorld();
  // The gateway: the table, queues and buckets are behind it, where nobody else gets to.
  expect(await listenedAddresses()).toEqual([LOOPBACK]);
  await world.close();
  expect(await listenedAddresses()).toEqual([]);
});
