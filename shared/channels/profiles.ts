/** Where customers' names are asked for, apart from the registry: whoever asks carries nothing else of a connector. */
import type { ProfileSource } from "./connector.ts";
import { profiles as instagram } from "./instagram/profile.ts";
import { profiles as messenger } from "./messenger/profile.ts";
import type { ConnectorName } from "./registry.ts";

export const profileSources: Readonly<Partial<Record<ConnectorName, ProfileSource>>> = { messenger, instagram };
