"""Removes the collections, and all embeddings in them."""
import os

import chromadb

client = chromadb.PersistentClient(path=os.environ["CHROMA_PATH"])
for name in ("semantic", "episodic"):
    if name in [collection.name for collection in client.list_collections()]:
        client.delete_collection(name)
        print("collection %s is gone" % name)
