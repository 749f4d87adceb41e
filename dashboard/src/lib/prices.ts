import type { Price } from "../api/schema";

/** An own price for one provider is kept as `provider/model`; this is the model alone. */
export function plainModel(price: Price): string {
  const prefix = `${price.provider}/`;
  return price.source === "custom" && price.key === price.model && price.model.startsWith(prefix)
    ? price.model.slice(prefix.length)
    : price.model;
}
