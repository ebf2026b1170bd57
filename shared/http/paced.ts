import { setTimeout as sleep } from "node:timers/promises";
import type { Http } from "../ports.ts";

/** Requests begin one after another, at least `pauseMs` apart; the first at once. */
export function paced(http: Http, pauseMs = 0): Http {
  if (pauseMs <= 0) return http;
  let turn: Promise<unknown> = Promise.resolve();
  return async (request) => {
    const mine = turn;
    turn = mine.then(() => sleep(pauseMs));
    await mine;
    return http(request);
  };
}
