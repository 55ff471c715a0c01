/** Rises when a normalizer reads the same answer differently: the next pass is then taken even if nothing moved. */
export const NORMALIZER_VERSION = 4;
