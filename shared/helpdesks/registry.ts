import { generic } from "./generic/index.ts";

/** Every helpdesk there is; its key is its folder and its name in the configuration. */
export const helpdesks = { generic } as const;
export type HelpdeskName = keyof typeof helpdesks;
