// What JupyterLab asks of an extension, written by hand so that nobody needs a bundler: a container that hands out the
// plugin and its stylesheet. Modules such as @jupyterlab/notebook are taken from JupyterLab itself, never a copy.
(() => {
  const here = document.currentScript.src;
  const beside = (name) => new URL(name, here).href;
  let shared;

  function addStylesheet() {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = beside("style.css");
    document.head.append(link);
    return () => ({});
  }

  async function loadPlugin() {
    const { default: plugin } = await import(beside("plugin.js"));
    const made = await plugin(async (name) => {
      const [only] = Object.values(shared[name]);
      return (await only.get())();
    });
    return () => ({ __esModule: true, default: made });
  }

  window._JUPYTERLAB = window._JUPYTERLAB || {};
  window._JUPYTERLAB["pricing-design-workbench"] = {
    init: (scope) => {
      shared = scope;
    },
    get: (part) => (part === "./style" ? Promise.resolve(addStylesheet()) : loadPlugin()),
  };
})();
