"""The part of the index that lives in the database."""

# A walk from the newest numbers to the oldest that ends when it has found enough. Each step asks the index for one
# block: the two newest blocks of 32,768 numbers, which for a common word is already the end, then blocks of 1,048,576.
# So a word that half of all records hold costs about as much as a rare one, and "the newest" is exact.
SEARCH_NEWEST = """
CREATE FUNCTION search_newest(wanted_kind text, wanted tsquery, cap integer) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE AS $$
DECLARE
    newest bigint := (SELECT max(object_id) FROM search_entry WHERE kind = wanted_kind);
    below bigint := newest + 1;  -- numbers from here upwards are done
    step integer := 0;
    found integer;
    block bigint;
    block_lexeme text;
    block_start bigint;
BEGIN
    WHILE below > 0 AND cap > 0 LOOP
        IF step < 2 THEN
            block := (newest >> 15) - step;
            block_start := block << 15;
            block_lexeme := format('''K%s/%s''', wanted_kind, block);
        ELSE
            block := (below - 1) >> 20;
            block_start := block << 20;
            block_lexeme := format('''K%s//%s''', wanted_kind, block);
        END IF;
        RETURN QUERY
            SELECT object_id FROM search_entry
            WHERE vector @@ (wanted && block_lexeme::tsquery) AND object_id < below
            ORDER BY object_id DESC LIMIT cap;
        GET DIAGNOSTICS found = ROW_COUNT;
        cap := cap - found;
        below := block_start;
        step := step + 1;
    END LOOP;
END
$$
"""
DROP_SEARCH_NEWEST = "DROP FUNCTION search_newest(text, tsquery, integer)"

# Without statistics the planner takes a small share for every question and so always uses the index. With them it
# multiplies the shares of a phrase's lexemes as if they were independent and reads the whole table when it should not.
NO_STATISTICS = "ALTER TABLE search_entry ALTER vector SET STATISTICS 0"
STATISTICS = "ALTER TABLE search_entry ALTER vector SET STATISTICS -1"
