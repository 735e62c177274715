import "./components/head-app.ts";

// What was loaded once works without a connection. The development server has its own ways.
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  navigator.serviceWorker.register(new URL("./service-worker.js", document.baseURI)).catch(() => {
    // A page that is not served securely works as well, only not offline.
  });
}
