"""Makes the collections of embeddings.  CHROMA_PATH is the folder of the database."""
import os

import chromadb

client = chromadb.PersistentClient(path=os.environ["CHROMA_PATH"])
for name in ("episodic", "semantic"):
    collection = client.get_or_create_collection(name, metadata={"hnsw:space": "cosine"})
    print("collection %s: %d embeddings" % (name, collection.count()))
