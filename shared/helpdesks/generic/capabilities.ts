import type { DeskCapabilities } from "../helpdesk.ts";

/** It is told everything that happens, under an id that stays the same; what it makes of that is its own business. */
export const capabilities: DeskCapabilities = { dedupes: true, statusBack: "full", retries: true, isOrdered: true };
