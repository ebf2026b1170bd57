/**
 * Runs before `npm start` and `npm test`: installs the locked packages when they are not there yet or differ from the
 * lock file, so that a fresh clone needs nothing but npm. Plain JavaScript, because any Node from 20 on may run it; the
 * scripts themselves run on the Node 24 that the install brings.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = `${root}node_modules/.recado-lock`;
const wanted = createHash("sha256")
  .update(readFileSync(`${root}package-lock.json`))
  .digest("hex");
const installed = existsSync(stamp) ? readFileSync(stamp, "utf8") : "";

if (installed !== wanted) {
  console.log("Installing packages (once, until package-lock.json changes) …");
  const npm = process.env.npm_execpath;
  const [command, first] = npm ? [process.execPath, [npm]] : ["npm", []];
  const { status } = spawnSync(command, [...first, "ci", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: "inherit",
  });
  if (status !== 0) {
    console.error("The packages could not be installed; npm's own message is above.");
    process.exit(status ?? 1);
  }
  writeFileSync(stamp, wanted);
}
