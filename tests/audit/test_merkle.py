import hashlib

import pytest

from audit import merkle

SIZES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 31, 32, 33]


def leaves(size: int) -> list[bytes]:
    return [merkle.leaf(f"出来事 {number}".encode()) for number in range(size)]


def by_definition(hashed: list[bytes]) -> bytes:
    """RFC 9162 §2.1.1 word for word: split at the largest power of two below the size."""
    if len(hashed) == 1:
        return hashed[0]
    split = 1 << ((len(hashed) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + by_definition(hashed[:split]) + by_definition(hashed[split:])).digest()


@pytest.mark.parametrize("size", SIZES)
def test_the_root_is_that_of_the_standard(size):
    assert merkle.root(leaves(size)) == by_definition(leaves(size))


def test_known_roots_of_certificate_transparency():
    entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    hashed = [merkle.leaf(bytes.fromhex(entry)) for entry in entries]

    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.root(hashed[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert merkle.root(hashed).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize("size", SIZES)
def test_every_leaf_climbs_to_the_root_and_from_no_other_place(size):
    hashed = leaves(size)
    whole = merkle.root(hashed)

    for index, leaf in enumerate(hashed):
        path = merkle.path(hashed, index)
        reached = [merkle.climb(leaf, index=at, size=size, path=path) == whole for at in range(-1, size + 1)]
        assert [at - 1 for at, there in enumerate(reached) if there] == [index]


def test_an_altered_proof_does_not_climb_to_the_root():
    hashed = leaves(13)
    whole, path = merkle.root(hashed), merkle.path(hashed, 5)

    for place in range(len(path)):
        wrong = [*path[:place], merkle.leaf(b"other"), *path[place + 1 :]]
        assert merkle.climb(hashed[5], index=5, size=13, path=wrong) != whole
    assert merkle.climb(merkle.leaf(b"other"), index=5, size=13, path=path) != whole
    assert merkle.climb(hashed[5], index=5, size=13, path=path[:-1]) is None
    assert merkle.climb(hashed[5], index=5, size=13, path=[*path, whole]) is None


def test_there_is_no_proof_of_what_is_not_there():
    with pytest.raises(IndexError):
        merkle.path(leaves(3), 3)
    with pytest.raises(IndexError):
        merkle.path(leaves(3), -1)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
def test_a_leaf_that_is_replaced_changes_the_root_as_if_all_were_hashed_anew(size):
    leaves = [merkle.leaf(bytes([number])) for number in range(size)]
    tree = merkle.Tree(leaves)
    assert tree.root == merkle.root(leaves)

    for index in range(size):
        leaves[index] = merkle.leaf(b"another %d" % index)
        tree.replace(index, leaves[index])
        assert tree.root == merkle.root(leaves)
