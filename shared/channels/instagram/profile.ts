import { profileAt } from "../../messenger-platform/profile.ts";
import type { ProfileSource } from "../connector.ts";
import type { Secrets, Settings } from "./settings.ts";

/** The name that people show on Instagram, else the one by which they are found there. */
export const profiles: ProfileSource<Settings, Secrets> = {
  profile: (address, account, http) =>
    profileAt(
      {
        nodes: `https://${account.settings.host}/${account.settings.graphVersion}`,
        fields: "name,username",
        nameIn: ({ name, username }) => name || (typeof username === "string" && username && `@${username}`),
      },
      address,
      { account, http },
    ),
};
