/** What functions write, one file for each: `<folder>/<function>.log`. */
import { createWriteStream, mkdirSync, type WriteStream } from "node:fs";
import { join } from "node:path";

export function openLogs(folder: string): { of(functionName: string): (line: string) => void; close(): Promise<void> } {
  mkdirSync(folder, { recursive: true });
  const streams: WriteStream[] = [];
  return {
    of(functionName) {
      const stream = createWriteStream(join(folder, `${functionName}.log`), { flags: "a" });
      streams.push(stream);
      return (line) => void stream.write(`${line}\n`);
    },
    async close() {
      await Promise.all(streams.map((stream) => new Promise<void>((resolve) => stream.end(resolve))));
    },
  };
}
