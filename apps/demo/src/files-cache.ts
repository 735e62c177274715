/** The browser's store of everything that works offline; shared by the service worker and the worker. */
export const FILES_CACHE = "headform-files";
