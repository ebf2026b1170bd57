/** Everything that survives a restart lies in one directory, used by one local run at a time. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/**
 * Makes the directory and locks it until the returned function is called, or the process ends in whatever way: the lock
 * is the operating system's own, on a file that SQLite holds open.
 *
 * @throws Error in one sentence when another local run has it
 */
export function lockDataDirectory(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true });
  const lock = new DatabaseSync(join(dataDir, "lock.sqlite"));
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT");
  } catch (cause) {
    lock.close();
    throw new Error(`Another local run uses ${dataDir}; stop it, or set RECADO_DATA_DIR to another directory.`, {
      cause,
    });
  }
  return () => lock.close();
}
