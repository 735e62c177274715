/** Landmarks that guide a volume network, or that it finds. */
export const LANDMARKS = 68;
