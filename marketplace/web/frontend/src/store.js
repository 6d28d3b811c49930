// Actions waiting on this phone, in IndexedDB (signatures are too large for anything else), apart for each user.
const NAME = "homeward-queue";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("actions", { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function transact(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction("actions", mode);
      const request = work(transaction.objectStore("actions"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** The waiting actions of one user, oldest first. */
export async function waiting(user) {
  const all = await transact("readonly", (actions) => actions.getAll());
  return all.filter((action) => action.user === user).sort((a, b) => a.order - b.order);
}

export const keep = (action) => transact("readwrite", (actions) => actions.put(action));
export const forget = (key) => transact("readwrite", (actions) => actions.delete(key));
