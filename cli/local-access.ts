/** The way into the store of a local run: the credentials that it left for its operator. */
import { readFileSync } from "node:fs";
import { operatorFile, type StoreAccess } from "../local/operator.ts";
import { Failure } from "./failure.ts";

/**
 * @param instead what to name where no local run is meant
 * @throws Failure when no local run keeps its data there
 */
export function localAccess(dataDir: string, instead: string): StoreAccess {
  try {
    return JSON.parse(readFileSync(operatorFile(dataDir), "utf8")) as StoreAccess;
  } catch {
    throw new Failure(`No local run keeps its data in ${dataDir}. Start one with npm start, or name ${instead}.`);
  }
}
